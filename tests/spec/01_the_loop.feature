Feature: 1. The loop
  Each amount that leaves the cabinet is prescribed, removed for one patient, and accounted for. One
  drawer opens, and only that one; what is recorded is signed, chained, and sent.

  Background:
    Given a cabinet "A" with 6 drawers of 4 pockets
    And the time is 23-Nov-2026 08:00
    And nurse "Nina" with badge "B1" and PIN "246810"
    And patient "P1" SMITH, John (Mr) born 14-Jul-1945 male NHS number 943 476 5919 in ward "7" bed "3"
    And product "paracetamol 500 mg tablets" ingredient "paracetamol" 500 mg strength 500 mg per unit GTIN 05012345678900
    And pocket "3-2" of "A" holds 40 "paracetamol 500 mg tablets"
    And an order "O1" for "P1": 2 "paracetamol 500 mg tablets" at 08:00, 14:00, 20:00 dose 1,000 mg

  @feature-15 @feature-21 @feature-22
  Scenario: A nurse removes a dose that is due
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    Then the screen says "SMITH, John (Mr)"
    And the screen says "Born 14-Jul-1945 (81y)"
    And the screen says "943 476 5919"
    When "Nina" removes 2 "paracetamol 500 mg tablets"
    Then drawer 3 is released
    And pocket "3-2" is lit
    And the log holds release.intent with drawer "3"
    When she opens the drawer
    Then drawer 3 is open
    When she takes 2
    And "Nina" scans the pack of "paracetamol 500 mg tablets"
    Then the log holds scan.accepted with product "paracetamol 500 mg tablets"
    When she closes the drawer
    Then drawer 3 is locked
    And exactly these drawers were released: 3
    And the log holds removal.recorded with quantity "2" and patient "P1" and scan "scanned"
    And pocket "3-2" is booked at 38 and holds 38 in truth
    And the pharmacy believes pocket "3-2" holds 38 within 1 s
    And every release has its intent before it
    And both logs verify
    And cabinet and pharmacy agree

  @feature-60
  Scenario: The pharmacy's stock falls within a second
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" takes all that is due
    And she opens the drawer
    And she takes 2
    And "Nina" scans the pack of "paracetamol 500 mg tablets"
    And she closes the drawer
    Then the pharmacy believes pocket "3-2" holds 38 within 1 s

  Scenario: Nothing was taken, and the screen says so
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes 2 "paracetamol 500 mg tablets"
    And she opens the drawer
    And "Nina" presses B
    Then the screen says "not recorded"
    When she closes the drawer
    Then the log holds no removal.recorded
    And a count is due for pocket "3-2"
    And pocket "3-2" is booked at 40

  Scenario: A drawer that nobody opens locks itself again
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes 2 "paracetamol 500 mg tablets"
    Then drawer 3 is released
    When 10 s pass
    Then drawer 3 is locked
    And the log holds release.expired with drawer "3"
    And the log holds no removal.recorded
    And pocket "3-2" is booked at 40

  Scenario: A dose made of two products opens two pockets, one after the other
    Given product "levothyroxine 50 micrograms tablets"
    And product "levothyroxine 25 micrograms tablets"
    And pocket "1-1" of "A" holds 28 "levothyroxine 50 micrograms tablets"
    And pocket "2-1" of "A" holds 28 "levothyroxine 25 micrograms tablets"
    And an order "O2" for "P1": 1 "levothyroxine 50 micrograms tablets" + 1 "levothyroxine 25 micrograms tablets" at 08:00 dose 75 micrograms
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes order "O2"
    Then drawer 1 is released
    And drawer 2 is locked
    When she opens the drawer
    And she takes 1
    And "Nina" scans the pack of "levothyroxine 50 micrograms tablets"
    And she closes the drawer
    Then drawer 2 is released
    When she opens the drawer
    And she takes 1
    And "Nina" scans the pack of "levothyroxine 25 micrograms tablets"
    And she closes the drawer
    Then exactly these drawers were released: 1, 2
    And pocket "1-1" is booked at 27 and holds 27 in truth
    And pocket "2-1" is booked at 27 and holds 27 in truth
