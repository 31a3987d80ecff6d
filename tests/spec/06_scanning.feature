Feature: 6. Scanning the pack
  A wrong pack stops and is kept as a near miss. What cannot be scanned has its reason. Scanning
  never opens anything.

  Background:
    Given a cabinet "A" with 6 drawers of 4 pockets
    And the time is 23-Nov-2026 08:00
    And nurse "Nina" with badge "B1" and PIN "246810"
    And patient "P1" SMITH, John (Mr) born 14-Jul-1945 male NHS number 943 476 5919 in ward "7" bed "3"
    And product "paracetamol 500 mg tablets" GTIN 05012345678900
    And product "furosemide 40 mg tablets" GTIN 05000456789011
    And pocket "3-2" of "A" holds 40 "paracetamol 500 mg tablets"
    And pocket "3-3" of "A" holds 28 "furosemide 40 mg tablets"
    And an order "O1" for "P1": 2 "paracetamol 500 mg tablets" at 08:00, 14:00, 20:00
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes 2 "paracetamol 500 mg tablets"
    And she opens the drawer
    And she takes 2

  @feature-22
  Scenario: A wrong pack stops and is kept as a near miss
    When "Nina" scans the pack of "furosemide 40 mg tablets"
    Then the screen says "wrong pack"
    And the log holds near.miss with scanned "furosemide 40 mg tablets"
    When "Nina" scans the pack of "paracetamol 500 mg tablets"
    Then the screen does not say "wrong pack"
    When she closes the drawer
    Then the log holds removal.recorded with scan "scanned"

  Scenario Outline: What cannot be scanned has its reason: <reason>
    When "Nina" cannot scan because "<reason>"
    And she closes the drawer
    Then the log holds removal.recorded with scan "<reason>"
    And pocket "3-2" is booked at 38

    Examples:
      | reason  |
      | strip   |
      | ampoule |
      | half    |

  @feature-71
  Scenario: A GS1 code with lot and expiry is read
    When the scanner reads "]d2010501234567890017271231\x1D10L99"
    Then the log holds no scan.refused

  @feature-71
  Scenario: A GS1 DataMatrix as printed on a pack is accepted, with its lot
    When the scanner reads "]d201050123456789001727123110L99"
    Then the log holds scan.accepted with lot "L99"
    When she closes the drawer
    Then the log holds removal.recorded with scan "scanned"

  @feature-71
  Scenario: An EAN-13 of the pack is accepted
    When the scanner reads "]E05012345678900"
    Then the log holds scan.accepted with product "paracetamol 500 mg tablets"

  Scenario Outline: Hostile or broken codes change nothing: <what>
    When the scanner reads "<text>"
    Then the log holds no scan.accepted
    And drawer 3 is open
    When "Nina" scans the pack of "paracetamol 500 mg tablets"
    And she closes the drawer
    Then the log holds removal.recorded with scan "scanned"

    Examples:
      | what                    | text                                   |
      | no symbology prefix     | 05012345678900                         |
      | a wrong check digit     | ]E05012345678901                       |
      | a control character     | ]d20105012345678900\r\n10L1            |
      | words                   | ]C0DROP TABLE pockets                  |
      | nothing but a separator | ]d2\x1D                                |
      | a badge                 | ]C0B1                                  |
      | an unknown pack         | ]E04006381333931                       |

  Scenario: Closed without a scan is recorded and marked
    When she closes the drawer
    Then the log holds removal.recorded with marks "not scanned"
    And pocket "3-2" is booked at 38

  Scenario Outline: A right medicine of a lot that is not fit is a near miss that says why: <why>
    When "Pat" the pharmacist recalls lot "BAD" of "paracetamol 500 mg tablets"
    And the scanner reads "<text>"
    Then the screen says "<word>"
    And the log holds near.miss with reason "<why>"
    And the log holds no scan.accepted

    Examples:
      | why      | word    | text                               |
      | recalled | recall  | ]d201050123456789001727123110BAD   |
      | expired  | expired | ]d201050123456789001726103110GOOD  |

  Scenario: The line ending that a scanner sends is no part of the code
    When the scanner reads "]E05012345678900\r\n"
    Then the log holds scan.accepted with product "paracetamol 500 mg tablets"
