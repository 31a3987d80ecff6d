Feature: 8. Counting
  Once, blind, with the drawer open. The book is the sum of signed changes; where the hand differs,
  one blind recount, then a discrepancy carries the difference.

  Background:
    Given a cabinet "A" with 6 drawers of 4 pockets
    And the time is 23-Nov-2026 08:00
    And nurse "Nina" with badge "B1" and PIN "246810"
    And product "paracetamol 500 mg tablets" GTIN 05012345678900

  @feature-42
  Scenario: A count that agrees
    Given pocket "3-2" of "A" holds 40 "paracetamol 500 mg tablets"
    When a count of pocket "3-2" is asked
    Then a count is due for pocket "3-2"
    When "Nina" signs in
    And "Nina" counts 40
    And she closes the drawer
    Then the log holds count.recorded with quantity "40" and pocket "3-2"
    And the log holds no discrepancy.opened
    And exactly these drawers were released: 3
    And pocket "3-2" is booked at 40
    And every release has its intent before it

  @feature-42
  Scenario: A count is blind, and a difference is counted once more
    Given pocket "3-2" of "A" holds 40 "paracetamol 500 mg tablets" in truth 37
    When a count of pocket "3-2" is asked
    And "Nina" signs in
    And "Nina" counts 37
    Then the screen does not say "40"
    And the log holds no discrepancy.opened
    When "Nina" counts 37
    And she closes the drawer
    Then a discrepancy of -3 is open for pocket "3-2"
    And pocket "3-2" is booked at 37 and holds 37 in truth
    And the pharmacy believes pocket "3-2" holds 37 within 1 s
    And cabinet and pharmacy agree

  Scenario: A mistyped first count does no harm
    Given pocket "3-2" of "A" holds 40 "paracetamol 500 mg tablets"
    When a count of pocket "3-2" is asked
    And "Nina" signs in
    And "Nina" counts 4
    And "Nina" counts 40
    And she closes the drawer
    Then the log holds no discrepancy.opened
    And pocket "3-2" is booked at 40
