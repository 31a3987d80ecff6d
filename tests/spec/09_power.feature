Feature: 9. Power may fail between any two words
  Nothing is lost, nothing opens without its line, what is uncertain is counted, and everything else
  keeps working.

  Background:
    Given a cabinet "A" with 6 drawers of 4 pockets
    And the time is 23-Nov-2026 08:00
    And nurse "Nina" with badge "B1" and PIN "246810"
    And patient "P1" SMITH, John (Mr) born 14-Jul-1945 male NHS number 943 476 5919 in ward "7" bed "3"
    And product "paracetamol 500 mg tablets" GTIN 05012345678900
    And product "furosemide 40 mg tablets"
    And pocket "3-2" of "A" holds 40 "paracetamol 500 mg tablets"
    And pocket "5-1" of "A" holds 28 "furosemide 40 mg tablets"
    And an order "O1" for "P1": 2 "paracetamol 500 mg tablets" at 08:00, 14:00, 20:00
    And an order "O2" for "P1": 1 "furosemide 40 mg tablets" at 08:00
    When "Nina" signs in
    And "Nina" chooses patient "P1"

  Scenario: Before the intent is recorded: nothing happened
    When the power fails before the intent is recorded
    And "Nina" removes 2 "paracetamol 500 mg tablets"
    Then drawer 3 is locked
    When the power returns
    Then the log holds no release.intent
    And the log holds no release.indeterminate
    And pocket "3-2" is booked at 40
    And both logs verify
    And every release has its intent before it

  Scenario: After the intent is recorded: uncertain, so it is counted
    When the power fails after the intent is recorded
    And "Nina" removes 2 "paracetamol 500 mg tablets"
    Then drawer 3 is locked
    When the power returns
    Then the log holds release.intent with drawer "3"
    And the log holds release.indeterminate with drawer "3"
    And a count is due for pocket "3-2"
    And pocket "3-2" is booked at 40 and holds 40 in truth
    And every release has its intent before it
    And both logs verify
    And cabinet and pharmacy agree

  Scenario Outline: <moment> the lease is sent
    When the power fails <moment> the lease is sent
    And "Nina" removes 2 "paracetamol 500 mg tablets"
    Then drawer 3 is locked
    When the power returns
    Then the log holds release.indeterminate with drawer "3"
    And a count is due for pocket "3-2"
    And the log holds no removal.recorded
    And every release has its intent before it
    And both logs verify
    And cabinet and pharmacy agree

    Examples:
      | moment |
      | before |
      | after  |

  Scenario Outline: <moment> the opening is recorded
    When the power fails <moment> the opening is recorded
    And "Nina" removes 2 "paracetamol 500 mg tablets"
    And she opens the drawer
    And she takes 2
    And she closes the drawer
    And the power returns
    Then the log holds release.indeterminate with drawer "3"
    And a count is due for pocket "3-2"
    And every release has its intent before it
    And both logs verify
    And cabinet and pharmacy agree

    Examples:
      | moment |
      | before |
      | after  |

  Scenario: Before the outcome is recorded: uncertain, so it is counted
    When the power fails before the outcome is recorded
    And "Nina" removes 2 "paracetamol 500 mg tablets"
    And she opens the drawer
    And she takes 2
    And "Nina" scans the pack of "paracetamol 500 mg tablets"
    And she closes the drawer
    And the power returns
    Then the log holds no removal.recorded
    And the log holds release.indeterminate with drawer "3"
    And a count is due for pocket "3-2"
    And pocket "3-2" is booked at 40 and holds 38 in truth
    And both logs verify
    And cabinet and pharmacy agree

  Scenario: After the outcome is recorded: nothing is lost
    When the power fails after the outcome is recorded
    And "Nina" removes 2 "paracetamol 500 mg tablets"
    And she opens the drawer
    And she takes 2
    And "Nina" scans the pack of "paracetamol 500 mg tablets"
    And she closes the drawer
    And the power returns
    Then the log holds removal.recorded with quantity "2"
    And pocket "3-2" is booked at 38 and holds 38 in truth
    And the pharmacy believes pocket "3-2" holds 38 within 1 s
    And both logs verify
    And cabinet and pharmacy agree

  Scenario Outline: <moment> the outcome is sent: the pharmacy counts it once
    When the power fails <moment> the outcome is sent
    And "Nina" removes 2 "paracetamol 500 mg tablets"
    And she opens the drawer
    And she takes 2
    And "Nina" scans the pack of "paracetamol 500 mg tablets"
    And she closes the drawer
    And the power returns
    Then pocket "3-2" is booked at 38 and holds 38 in truth
    And the pharmacy believes pocket "3-2" holds 38 within 1 s
    And both logs verify
    And cabinet and pharmacy agree

    Examples:
      | moment |
      | before |
      | after  |

  Scenario: Everything else keeps working while a count is due
    When the power fails after the intent is recorded
    And "Nina" removes 2 "paracetamol 500 mg tablets"
    And the power returns
    And "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes order "O2"
    Then drawer 5 is released
    When she opens the drawer
    And she takes 1
    And "Nina" scans the pack of "furosemide 40 mg tablets"
    And she closes the drawer
    Then pocket "5-1" is booked at 27 and holds 27 in truth

  Scenario: An ordinary medicine is not blocked by its own count
    When the power fails after the intent is recorded
    And "Nina" removes 2 "paracetamol 500 mg tablets"
    And the power returns
    And "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes order "O1"
    Then drawer 3 is released

  Scenario: After power returns the screen says what was and was not recorded
    When the power fails after the intent is recorded
    And "Nina" removes 2 "paracetamol 500 mg tablets"
    And the power returns
    Then the screen says "power"
    And the screen says "count"
    And the screen does not say "SMITH"

  Scenario: A power cut with nobody at work loses nothing
    When the power fails
    And 6 days pass
    And the power returns
    And "Nina" signs in
    Then the log holds no release.indeterminate
    And both logs verify
    And cabinet and pharmacy agree
