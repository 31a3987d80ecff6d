Feature: 10. Fresh, stale, offline
  The cabinet works for days with no pharmacy, then catches up by itself. Orders' age is on the
  screen, and nothing ever locks a nurse out because a server or a clock is missing.

  Background:
    Given a cabinet "A" with 6 drawers of 4 pockets
    And the time is 23-Nov-2026 08:00
    And nurse "Nina" with badge "B1" and PIN "246810"
    And patient "P1" SMITH, John (Mr) born 14-Jul-1945 male NHS number 943 476 5919 in ward "7" bed "3"
    And product "paracetamol 500 mg tablets" GTIN 05012345678900
    And pocket "3-2" of "A" holds 40 "paracetamol 500 mg tablets"
    And an order "O1" for "P1": 2 "paracetamol 500 mg tablets" at 08:00, 14:00, 20:00

  @feature-20
  Scenario: Fresh orders say their age
    When "Nina" signs in
    Then the screen says "orders"
    And the screen does not say "downtime"
    And the screen does not say "check the chart"

  @feature-20
  Scenario: Between 15 minutes and 4 hours: check the chart, one key per patient
    When the pharmacy is unreachable
    And 30 min pass
    And "Nina" signs in
    Then the screen says "check the chart"
    When "Nina" chooses patient "P1"
    Then the screen says "check the chart"
    When "Nina" answers "seen"
    And "Nina" removes 2 "paracetamol 500 mg tablets"
    Then drawer 3 is released
    And the log holds feed.stale with band "check the chart"

  @feature-20
  Scenario: A dead ePMA behind a live server is stale too
    When the ePMA feed dies
    And 40 min pass
    And "Nina" signs in
    Then the screen says "check the chart"
    When the ePMA feed lives
    And 1 min pass
    Then the log holds feed.fresh
    And the screen does not say "check the chart"

  @feature-20
  Scenario: Beyond 4 hours: downtime, orders as last known
    When the pharmacy is unreachable
    And 6 h pass
    And "Nina" signs in
    Then the screen says "downtime"
    When "Nina" chooses patient "P1"
    And "Nina" removes order "O1"
    Then drawer 3 is released
    And the log holds feed.stale with band "downtime"

  Scenario: Offline for days, then it catches up by itself
    When the pharmacy is unreachable
    And 5 days pass
    And "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes order "O1"
    Then drawer 3 is released
    When she opens the drawer
    And she takes 2
    And "Nina" scans the pack of "paracetamol 500 mg tablets"
    And she closes the drawer
    Then pocket "3-2" is booked at 38 and holds 38 in truth
    And the pharmacy believes pocket "3-2" holds 40
    When the pharmacy is reachable
    Then the pharmacy believes pocket "3-2" holds 38 within 10 s
    And both logs verify
    And cabinet and pharmacy agree

  Scenario: What happened at the pharmacy meanwhile arrives too
    When the pharmacy is unreachable
    And "Pat" the pharmacist queries "O1"
    And "Nina" signs in
    And "Nina" chooses patient "P1"
    Then the screen does not say "queried"
    When the pharmacy is reachable
    And "Nina" removes order "O1"
    Then she is refused because "queried"

  Scenario: Cut off and without power, it starts and works
    When the pharmacy is unreachable
    And the power fails
    And the power returns
    And "Nina" signs in
    And "Nina" chooses patient "P1"
    Then the log holds session.opened with actor "Nina"
    And the screen says "SMITH, John (Mr)"

  Scenario: With no trusted time the nurse confirms the time once, and goes on
    When the pharmacy is unreachable
    And the power fails
    And 2 h pass
    And the power returns
    And "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes order "O1"
    Then the log holds time.confirmed with actor "Nina"
    And drawer 3 is released
    When she opens the drawer
    And she takes 2
    And "Nina" scans the pack of "paracetamol 500 mg tablets"
    And she closes the drawer
    Then the log holds removal.recorded with quantity "2"
    When the pharmacy is reachable
    Then cabinet and pharmacy agree
    And both logs verify

  Scenario: A wrong clock grants nothing
    When the clock jumps by 6 h
    And "Nina" signs in
    And "Nina" chooses patient "P1"
    Then the screen says "DUE"
    And the screen does not say "LATE"

  Scenario: An old image of the card is noticed, told, and opens nothing
    When 150 min pass
    And "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes order "O1"
    And she opens the drawer
    And she takes 2
    And "Nina" scans the pack of "paracetamol 500 mg tablets"
    And she closes the drawer
    And the card is restored from 1 h ago
    Then the log holds rollback.detected
    And an alarm says "old copy"
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes order "O1"
    Then no drawer is released
