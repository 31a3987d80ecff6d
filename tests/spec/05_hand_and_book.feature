Feature: 5. Hand and book
  The book never refuses what the hand can see. What differs becomes one discrepancy a visit, and
  the book is never edited.

  Background:
    Given a cabinet "A" with 6 drawers of 4 pockets
    And the time is 23-Nov-2026 08:00
    And nurse "Nina" with badge "B1" and PIN "246810"
    And patient "P1" SMITH, John (Mr) born 14-Jul-1945 male NHS number 943 476 5919 in ward "7" bed "3"
    And product "paracetamol 500 mg tablets" GTIN 05012345678900
    And an order "O1" for "P1": 2 "paracetamol 500 mg tablets" at 08:00, 14:00, 20:00

  Scenario: The book says none, the hand sees three
    Given pocket "3-2" of "A" holds 0 "paracetamol 500 mg tablets" in truth 3
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes 2 "paracetamol 500 mg tablets"
    Then drawer 3 is released
    When she opens the drawer
    And she takes 2
    And "Nina" scans the pack of "paracetamol 500 mg tablets"
    And "Nina" counts 1
    And she closes the drawer
    Then the log holds removal.recorded with quantity "2"
    And a discrepancy of 3 is open for pocket "3-2"
    And pocket "3-2" is booked at 1 and holds 1 in truth
    And the pharmacy believes pocket "3-2" holds 1 within 1 s
    And cabinet and pharmacy agree

  Scenario: The book says one, two are taken
    Given pocket "3-2" of "A" holds 1 "paracetamol 500 mg tablets" in truth 5
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes 2 "paracetamol 500 mg tablets"
    And she opens the drawer
    And she takes 2
    And "Nina" scans the pack of "paracetamol 500 mg tablets"
    And "Nina" counts 3
    And she closes the drawer
    Then a discrepancy of 4 is open for pocket "3-2"
    And pocket "3-2" is booked at 3 and holds 3 in truth

  Scenario: The hand finds fewer than the book says
    Given pocket "3-2" of "A" holds 40 "paracetamol 500 mg tablets" in truth 0
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes 2 "paracetamol 500 mg tablets"
    And she opens the drawer
    And "Nina" presses B
    And she closes the drawer
    Then the log holds no removal.recorded
    And a count is due for pocket "3-2"
