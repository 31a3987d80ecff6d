Feature: 4. What may be removed for a patient
  Allowed only when every rule holds. Each reason is one plain sentence, with what can be done
  instead, and a refusal never opens anything.

  Background:
    Given a cabinet "A" with 6 drawers of 4 pockets
    And the time is 23-Nov-2026 08:00
    And nurse "Nina" with badge "B1" and PIN "246810"
    And patient "P1" SMITH, John (Mr) born 14-Jul-1945 male NHS number 943 476 5919 in ward "7" bed "3"
    And product "paracetamol 500 mg tablets" ingredient "paracetamol" 500 mg GTIN 05012345678900
    And pocket "3-2" of "A" holds 40 "paracetamol 500 mg tablets"
    And an order "O1" for "P1": 2 "paracetamol 500 mg tablets" at 08:00, 14:00, 20:00

  @feature-15
  Scenario: Not yet seen by a pharmacist is a normal removal, marked
    Given "O1" is unseen
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    Then the screen says "not yet seen"
    When "Nina" removes 2 "paracetamol 500 mg tablets"
    Then drawer 3 is released
    When she opens the drawer
    And she takes 2
    And "Nina" scans the pack of "paracetamol 500 mg tablets"
    And she closes the drawer
    Then the log holds removal.recorded with order "O1" and marks "not yet seen"

  Scenario: A rejected order is refused
    Given "O1" is rejected
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes 2 "paracetamol 500 mg tablets"
    Then she is refused because "rejected"
    And the log holds no release.intent

  Scenario: A queried order is refused
    Given "O1" is queried
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes 2 "paracetamol 500 mg tablets"
    Then she is refused because "queried"
    And the log holds no release.intent

  Scenario: A query that comes while she looks at the list counts
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Pat" the pharmacist queries "O1"
    And "Nina" removes 2 "paracetamol 500 mg tablets"
    Then no drawer is released
    And the log holds no release.intent
    When "Pat" the pharmacist verifies "O1"
    And "Nina" removes 2 "paracetamol 500 mg tablets"
    Then drawer 3 is released

  @feature-15
  Scenario: A medicine on the signed list demands verification
    Given product "methotrexate 2.5 mg tablets"
    And "methotrexate 2.5 mg tablets" demands verification
    And pocket "4-1" of "A" holds 24 "methotrexate 2.5 mg tablets"
    And an order "O2" for "P1": 1 "methotrexate 2.5 mg tablets" at 08:00
    And "O2" is unseen
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes order "O2"
    Then she is refused because "verified by a pharmacist"
    When "Pat" the pharmacist verifies "O2"
    And "Nina" removes order "O2"
    Then drawer 4 is released

  Scenario: A stopped order is refused
    Given "O1" is stopped
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes 2 "paracetamol 500 mg tablets"
    Then no drawer is released
    And the log holds no release.intent

  Scenario: An order stopped while she looks at the list is refused
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Pat" the pharmacist stops "O1"
    And "Nina" removes 2 "paracetamol 500 mg tablets"
    Then no drawer is released
    And the log holds no release.intent

  Scenario: A dose that is recorded given is refused
    When the ePMA records "O1" at 08:00 given
    And "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes 2 "paracetamol 500 mg tablets"
    Then she is refused because "given"
    And the log holds no release.intent

  Scenario Outline: A dose that is recorded <outcome> is refused
    When the ePMA records "O1" at 08:00 <outcome>
    And "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes 2 "paracetamol 500 mg tablets"
    Then no drawer is released
    And the log holds no release.intent

    Examples:
      | outcome |
      | held    |
      | omitted |

  Scenario: What the patient refused can be offered once more
    When the ePMA records "O1" at 08:00 refused
    And "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes 2 "paracetamol 500 mg tablets"
    Then drawer 3 is released

  @feature-28
  Scenario: Already removed by anyone is refused, unless it is replaced with a reason
    Given nurse "Omar" with badge "B2" and PIN "135791"
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes 2 "paracetamol 500 mg tablets"
    And she opens the drawer
    And she takes 2
    And "Nina" scans the pack of "paracetamol 500 mg tablets"
    And she closes the drawer
    And "Nina" signs out
    And "Omar" signs in
    And "Omar" chooses patient "P1"
    And "Omar" removes order "O1"
    Then she is refused because "already removed"
    And exactly these drawers were released: 3
    When "Omar" removes order "O1" as replacement because "dropped"
    Then drawer 3 is released
    When she opens the drawer
    And she takes 2
    And "Omar" scans the pack of "paracetamol 500 mg tablets"
    And she closes the drawer
    Then the log holds removal.recorded with actor "Omar" and replaces "dropped"
    And pocket "3-2" is booked at 36 and holds 36 in truth

  Scenario: Too early says from when it is possible
    Given the time is 23-Nov-2026 12:30
    And "paracetamol 500 mg tablets" is early by 60 min and late until 120 min
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes 2 "paracetamol 500 mg tablets"
    Then she is refused because "13:00"
    And the log holds no release.intent

  Scenario: From the early limit on it is possible
    Given the time is 23-Nov-2026 13:00
    And "paracetamol 500 mg tablets" is early by 60 min and late until 120 min
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes 2 "paracetamol 500 mg tablets"
    Then drawer 3 is released

  Scenario: Past its cut-off a dose is refused
    Given the time is 23-Nov-2026 10:30
    And "paracetamol 500 mg tablets" is early by 60 min and late until 120 min
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes 2 "paracetamol 500 mg tablets"
    Then no drawer is released
    And the log holds no release.intent

  Scenario: The cut-off is half the interval unless said
    Given the time is 23-Nov-2026 10:55
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes order "O1"
    Then drawer 3 is released

  Scenario: The late and the next dose are never taken together
    Given the time is 23-Nov-2026 13:10
    And "paracetamol 500 mg tablets" is early by 60 min and late until 360 min
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" takes all that is due
    And she opens the drawer
    And she takes 2
    And "Nina" scans the pack of "paracetamol 500 mg tablets"
    And she closes the drawer
    And "Nina" takes all that is due
    Then no drawer is released
    And exactly these drawers were released: 3
    And pocket "3-2" is booked at 38

  Scenario: Late until the cut-off is a normal removal
    Given the time is 23-Nov-2026 09:30
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    Then the screen says "late"
    When "Nina" removes 2 "paracetamol 500 mg tablets"
    Then drawer 3 is released

  @feature-29
  Scenario: More than the dose is refused
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes 3 "paracetamol 500 mg tablets"
    Then she is refused because "2 is the most for this dose"
    And the log holds removal.refused with reason "more than the dose" and quantity "3"
    And the log holds no release.intent

  @feature-23
  Scenario: Less than the dose is possible, and the rest stays due
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes 1 "paracetamol 500 mg tablets"
    Then drawer 3 is released
    When she opens the drawer
    And she takes 1
    And "Nina" scans the pack of "paracetamol 500 mg tablets"
    And she closes the drawer
    Then the log holds removal.recorded with quantity "1"
    And pocket "3-2" is booked at 39 and holds 39 in truth
    When "Nina" removes 2 "paracetamol 500 mg tablets"
    Then she is refused because "1 is the most for this dose"
    When "Nina" removes 1 "paracetamol 500 mg tablets"
    Then drawer 3 is released

  @feature-18
  Scenario: As-required counts the ingredient, whatever product it came in
    Given product "co-codamol 8/500 tablets" ingredient "paracetamol" 500 mg
    And pocket "5-1" of "A" holds 30 "co-codamol 8/500 tablets"
    And patient "P2" JONES, Ann (Mrs) born 02-Feb-1950 female NHS number 999 000 0018 in ward "7" bed "4"
    And an order "O2" for "P2": 2 "paracetamol 500 mg tablets" kind as-required every 240 min at most 4 in 24 h
    And an order "O3" for "P2": 2 "co-codamol 8/500 tablets" kind as-required every 240 min at most 4 in 24 h
    When "Nina" signs in
    And "Nina" chooses patient "P2"
    And "Nina" removes order "O3"
    Then drawer 5 is released
    When she opens the drawer
    And she takes 2
    And "Nina" scans the pack of "co-codamol 8/500 tablets"
    And she closes the drawer
    And 60 min pass
    And "Nina" signs in
    And "Nina" chooses patient "P2"
    And "Nina" removes order "O2"
    Then she is refused because "paracetamol"
    And she is refused because "12:00"
    And exactly these drawers were released: 5
    When 4 h pass
    And "Nina" signs in
    And "Nina" chooses patient "P2"
    And "Nina" removes order "O2"
    Then drawer 3 is released

  @feature-18
  Scenario: As-required never exceeds its maximum in any 24 hours
    Given patient "P2" JONES, Ann (Mrs) born 02-Feb-1950 female NHS number 999 000 0018 in ward "7" bed "4"
    And an order "O2" for "P2": 1 "paracetamol 500 mg tablets" kind as-required every 60 min at most 2 in 24 h
    When the ePMA records "O2" at 05:00 given
    And the ePMA records "O2" at 06:30 given
    And "Nina" signs in
    And "Nina" chooses patient "P2"
    And "Nina" removes order "O2"
    Then she is refused because "24 h"
    And the log holds no release.intent

  @feature-28
  Scenario: A current allergy is refused
    Given product "amoxicillin 500 mg capsules" ingredient "amoxicillin"
    And pocket "4-1" of "A" holds 21 "amoxicillin 500 mg capsules"
    And "P1" is allergic to "amoxicillin" anaphylaxis
    And an order "O2" for "P1": 1 "amoxicillin 500 mg capsules" at 08:00
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes order "O2"
    Then she is refused because "allerg"
    And the log holds no release.intent

  @feature-55
  Scenario: An expired lot is refused
    Given product "furosemide 40 mg tablets"
    And pocket "4-1" of "A" holds 28 "furosemide 40 mg tablets" lot "F1" expiring 31-Oct-2026
    And an order "O2" for "P1": 1 "furosemide 40 mg tablets" at 08:00
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes order "O2"
    Then she is refused because "expired"
    And the log holds no release.intent

  @feature-56
  Scenario: A recalled lot is held from the moment it is received
    Given product "furosemide 40 mg tablets"
    And pocket "4-1" of "A" holds 28 "furosemide 40 mg tablets" lot "F1" expiring 31-Dec-2027
    And an order "O2" for "P1": 1 "furosemide 40 mg tablets" at 08:00
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Pat" the pharmacist recalls lot "F1" of "furosemide 40 mg tablets"
    And "Nina" removes order "O2"
    Then she is refused because "recall"
    And the log holds no release.intent

  @feature-56
  Scenario: An unknown lot is caught by any recall of its product
    Given product "furosemide 40 mg tablets"
    And pocket "4-1" of "A" holds 28 "furosemide 40 mg tablets" lot unknown
    And an order "O2" for "P1": 1 "furosemide 40 mg tablets" at 08:00
    When "Pat" the pharmacist recalls lot "F1" of "furosemide 40 mg tablets"
    And "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes order "O2"
    Then she is refused because "recall"
    And the log holds no release.intent

  Scenario: A lot that is not recalled is used instead of the one that is
    Given product "furosemide 40 mg tablets"
    And pocket "4-1" of "A" holds 28 "furosemide 40 mg tablets" lot "F1" expiring 31-Dec-2027
    And pocket "5-1" of "A" holds 28 "furosemide 40 mg tablets" lot "F2" expiring 31-Dec-2028
    And an order "O2" for "P1": 1 "furosemide 40 mg tablets" at 08:00
    When "Pat" the pharmacist recalls lot "F1" of "furosemide 40 mg tablets"
    And "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes order "O2"
    Then drawer 5 is released
    And drawer 4 is locked

  @feature-54
  Scenario: First expiring first
    Given product "furosemide 40 mg tablets"
    And pocket "4-1" of "A" holds 28 "furosemide 40 mg tablets" lot "F1" expiring 31-Dec-2028
    And pocket "5-1" of "A" holds 28 "furosemide 40 mg tablets" lot "F2" expiring 31-Dec-2027
    And an order "O2" for "P1": 1 "furosemide 40 mg tablets" at 08:00
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes order "O2"
    Then drawer 5 is released

  Scenario: An unknown lot is allowed and marked
    Given product "furosemide 40 mg tablets"
    And pocket "4-1" of "A" holds 28 "furosemide 40 mg tablets" lot unknown
    And an order "O2" for "P1": 1 "furosemide 40 mg tablets" at 08:00
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes order "O2"
    Then drawer 4 is released
    When she opens the drawer
    And she takes 1
    And "Nina" scans the pack of "furosemide 40 mg tablets"
    And she closes the drawer
    Then the log holds removal.recorded with order "O2" and marks "lot unknown"

  @feature-7
  Scenario: A witness has no drawers
    Given witness "Wes" with badge "B3" and PIN "864208"
    When "Wes" signs in
    And "Wes" chooses patient "P1"
    And "Wes" removes 2 "paracetamol 500 mg tablets"
    Then no drawer is released
    And the log holds no release.intent

  Scenario: A controlled drug is refused with a sentence until its rules are built
    Given product "morphine sulfate 10 mg tablets" flags custody, witness, count, register
    And pocket "6-1" of "A" holds 10 "morphine sulfate 10 mg tablets"
    And an order "O2" for "P1": 1 "morphine sulfate 10 mg tablets" at 08:00
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes order "O2"
    Then she is refused because "controlled"
    And the log holds no release.intent

  Scenario: What this cabinet does not stock is said, not called late
    Given product "salbutamol 100 micrograms inhaler"
    And an order "O2" for "P1": 1 "salbutamol 100 micrograms inhaler" at 06:00
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes order "O2"
    Then no drawer is released
    And the log holds no release.intent

  Scenario: A STAT order is due at once
    Given product "furosemide 40 mg tablets"
    And pocket "4-1" of "A" holds 28 "furosemide 40 mg tablets"
    And an order "O2" for "P1": 1 "furosemide 40 mg tablets" kind STAT
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    Then the screen says "STAT"
    When "Nina" removes order "O2"
    Then drawer 4 is released

  Scenario: A refusal does not stand in the way of what else is due
    Given product "furosemide 40 mg tablets"
    And pocket "4-1" of "A" holds 28 "furosemide 40 mg tablets"
    And an order "O2" for "P1": 1 "furosemide 40 mg tablets" at 08:00
    And "O1" is queried
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" takes all that is due
    Then drawer 4 is released
    And drawer 3 is locked

  Scenario Outline: The minute that is named still counts: <when>
    Given the time is 23-Nov-2026 <when>
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes order "O1"
    Then exactly these drawers were released: <drawers>

    Examples:
      | when  | drawers |
      | 06:59 | none    |
      | 07:00 | 3       |
      | 11:00 | 3       |
      | 11:01 | none    |
      | 13:00 | 3       |

  @feature-56
  Scenario: A recall stands on the idle screen of every cabinet that holds the lot
    Given product "furosemide 40 mg tablets"
    And pocket "4-1" of "A" holds 28 "furosemide 40 mg tablets" lot "F1" expiring 31-Dec-2027
    And pocket "5-1" of "A" holds 28 "furosemide 40 mg tablets" lot "F2" expiring 31-Dec-2027
    When "Pat" the pharmacist recalls lot "F1" of "furosemide 40 mg tablets"
    Then an alarm says "recall"
    And the screen says "pocket 4-1"
    And the screen does not say "pocket 5-1"

  Scenario: What is measured out of a bottle is no unusual number of units
    Given product "lactulose oral solution" unit of issue bottle
    And pocket "4-1" of "A" holds 300 "lactulose oral solution"
    And an order "O2" for "P1": 15 "lactulose oral solution" at 08:00
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes 15 "lactulose oral solution"
    Then drawer 4 is released
