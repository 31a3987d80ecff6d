Feature: 7. The list and the round
  Sorted: late, STAT, due, next, as-required. A round is fast: next patient is one key, all that is
  due is one key, closing means next, and a parked round waits.

  Background:
    Given a cabinet "A" with 6 drawers of 4 pockets
    And the time is 23-Nov-2026 08:00
    And nurse "Nina" with badge "B1" and PIN "246810"
    And patient "P1" SMITH, John (Mr) born 14-Jul-1945 male NHS number 943 476 5919 in ward "7" bed "3"
    And patient "P2" JONES, Ann (Mrs) born 02-Feb-1950 female NHS number 999 000 0018 in ward "7" bed "4"
    And product "paracetamol 500 mg tablets" GTIN 05012345678900
    And product "furosemide 40 mg tablets"
    And product "ramipril 5 mg capsules"
    And product "senna 7.5 mg tablets"
    And pocket "1-1" of "A" holds 40 "paracetamol 500 mg tablets"
    And pocket "2-1" of "A" holds 28 "furosemide 40 mg tablets"
    And pocket "3-1" of "A" holds 28 "ramipril 5 mg capsules"
    And pocket "4-1" of "A" holds 60 "senna 7.5 mg tablets"

  @feature-17
  Scenario: What is late, STAT, due, next and as-required is said
    Given an order "O1" for "P1": 1 "furosemide 40 mg tablets" at 06:00
    And an order "O2" for "P1": 2 "paracetamol 500 mg tablets" at 08:00, 14:00, 20:00
    And an order "O3" for "P1": 1 "ramipril 5 mg capsules" kind STAT
    And an order "O4" for "P1": 2 "senna 7.5 mg tablets" kind as-required every 480 min at most 2 in 24 h
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    Then the screen says "LATE"
    And the screen says "STAT"
    And the screen says "DUE"
    And the screen says "as required"
    And the screen offers "take all"

  @feature-21
  Scenario: All that is due is one key, one pocket at a time, closing means next
    Given an order "O1" for "P1": 1 "furosemide 40 mg tablets" at 08:00
    And an order "O2" for "P1": 2 "paracetamol 500 mg tablets" at 08:00, 14:00, 20:00
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" takes all that is due
    And she opens the drawer
    And "Nina" cannot scan because "strip"
    And she closes the drawer
    And she opens the drawer
    And "Nina" cannot scan because "strip"
    And she closes the drawer
    Then exactly these drawers were released: 2, 1
    And the log holds removal.recorded with order "O1"
    And the log holds removal.recorded with order "O2"
    And it took at most 8 actions

  Scenario: The next patient of the round is one key
    Given an order "O1" for "P1": 2 "paracetamol 500 mg tablets" at 08:00
    And an order "O2" for "P2": 2 "paracetamol 500 mg tablets" at 08:00
    When "Nina" signs in
    And "Nina" chooses the next patient
    Then the screen says "SMITH, John (Mr)"
    And the screen does not say "JONES"
    When "Nina" takes all that is due
    And she opens the drawer
    And she takes 2
    And "Nina" scans the pack of "paracetamol 500 mg tablets"
    And she closes the drawer
    And "Nina" chooses the next patient
    Then the screen says "JONES, Ann (Mrs)"
    And the screen does not say "SMITH"
    When "Nina" takes all that is due
    And she opens the drawer
    And she takes 2
    And "Nina" scans the pack of "paracetamol 500 mg tablets"
    And she closes the drawer
    Then exactly these drawers were released: 1, 1
    And pocket "1-1" is booked at 36 and holds 36 in truth
    And it took at most 10 actions

  @feature-9
  Scenario: A parked round goes on where it was
    Given an order "O1" for "P1": 2 "paracetamol 500 mg tablets" at 08:00
    And an order "O2" for "P2": 2 "paracetamol 500 mg tablets" at 08:00
    When "Nina" signs in
    And "Nina" chooses the next patient
    And "Nina" takes all that is due
    And she opens the drawer
    And she takes 2
    And "Nina" scans the pack of "paracetamol 500 mg tablets"
    And she closes the drawer
    And 61 s pass
    Then the log holds session.parked with actor "Nina"
    When "Nina" signs in
    And "Nina" chooses the next patient
    Then the screen says "JONES, Ann (Mrs)"

  Scenario: A dose already taken is not offered again as due
    Given an order "O1" for "P1": 2 "paracetamol 500 mg tablets" at 08:00, 14:00, 20:00
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" takes all that is due
    And she opens the drawer
    And she takes 2
    And "Nina" scans the pack of "paracetamol 500 mg tablets"
    And she closes the drawer
    And "Nina" takes all that is due
    Then no drawer is released
    And exactly these drawers were released: 1
