Feature: 13. A round is fast
  Next patient is one key, all that is due one key, closing means next. A round of four medicines for
  six patients takes about 49 keys and scans and one PIN; a naive design takes 192.

  Background:
    Given a cabinet "A" with 6 drawers of 4 pockets
    And the time is 23-Nov-2026 08:00
    And nurse "Nina" with badge "B1" and PIN "246810"
    And patient "P1" SMITH, John (Mr) born 14-Jul-1945 male NHS number 943 476 5919 in ward "7" bed "1"
    And patient "P2" JONES, Ann (Mrs) born 02-Feb-1950 female NHS number 999 000 0018 in ward "7" bed "2"
    And patient "P3" PATEL, Ravi (Mr) born 11-Mar-1962 male NHS number 999 000 0026 in ward "7" bed "3"
    And patient "P4" OKAFOR, Grace (Ms) born 30-Sep-1971 female NHS number 999 000 0034 in ward "7" bed "4"
    And patient "P5" WHITE, Emily (Miss) born 05-May-1988 female NHS number 999 000 0042 in ward "7" bed "5"
    And patient "P6" KHAN, Amir (Mr) born 19-Dec-1955 male NHS number 999 000 0050 in ward "7" bed "6"
    And product "furosemide 40 mg tablets"
    And product "paracetamol 500 mg tablets"
    And product "ramipril 5 mg capsules"
    And product "senna 7.5 mg tablets"
    And pocket "2-1" of "A" holds 60 "furosemide 40 mg tablets"
    And pocket "1-1" of "A" holds 60 "paracetamol 500 mg tablets"
    And pocket "3-1" of "A" holds 60 "ramipril 5 mg capsules"
    And pocket "4-1" of "A" holds 60 "senna 7.5 mg tablets"
    And an order "O1" for "P1": 1 "furosemide 40 mg tablets" at 08:00, 20:00
    And an order "O2" for "P1": 1 "paracetamol 500 mg tablets" at 08:00, 20:00
    And an order "O3" for "P1": 1 "ramipril 5 mg capsules" at 08:00, 20:00
    And an order "O4" for "P1": 1 "senna 7.5 mg tablets" at 08:00, 20:00
    And an order "O5" for "P2": 1 "furosemide 40 mg tablets" at 08:00, 20:00
    And an order "O6" for "P2": 1 "paracetamol 500 mg tablets" at 08:00, 20:00
    And an order "O7" for "P2": 1 "ramipril 5 mg capsules" at 08:00, 20:00
    And an order "O8" for "P2": 1 "senna 7.5 mg tablets" at 08:00, 20:00
    And an order "O9" for "P3": 1 "furosemide 40 mg tablets" at 08:00, 20:00
    And an order "O10" for "P3": 1 "paracetamol 500 mg tablets" at 08:00, 20:00
    And an order "O11" for "P3": 1 "ramipril 5 mg capsules" at 08:00, 20:00
    And an order "O12" for "P3": 1 "senna 7.5 mg tablets" at 08:00, 20:00
    And an order "O13" for "P4": 1 "furosemide 40 mg tablets" at 08:00, 20:00
    And an order "O14" for "P4": 1 "paracetamol 500 mg tablets" at 08:00, 20:00
    And an order "O15" for "P4": 1 "ramipril 5 mg capsules" at 08:00, 20:00
    And an order "O16" for "P4": 1 "senna 7.5 mg tablets" at 08:00, 20:00
    And an order "O17" for "P5": 1 "furosemide 40 mg tablets" at 08:00, 20:00
    And an order "O18" for "P5": 1 "paracetamol 500 mg tablets" at 08:00, 20:00
    And an order "O19" for "P5": 1 "ramipril 5 mg capsules" at 08:00, 20:00
    And an order "O20" for "P5": 1 "senna 7.5 mg tablets" at 08:00, 20:00
    And an order "O21" for "P6": 1 "furosemide 40 mg tablets" at 08:00, 20:00
    And an order "O22" for "P6": 1 "paracetamol 500 mg tablets" at 08:00, 20:00
    And an order "O23" for "P6": 1 "ramipril 5 mg capsules" at 08:00, 20:00
    And an order "O24" for "P6": 1 "senna 7.5 mg tablets" at 08:00, 20:00

  @feature-17 @feature-21
  Scenario: Four medicines for six patients with one PIN
    When "Nina" signs in
    And "Nina" chooses the next patient
    And "Nina" takes all that is due
    And she opens the drawer
    And she takes 1
    And "Nina" scans the pack of "furosemide 40 mg tablets"
    And she closes the drawer
    And she opens the drawer
    And she takes 1
    And "Nina" scans the pack of "paracetamol 500 mg tablets"
    And she closes the drawer
    And she opens the drawer
    And she takes 1
    And "Nina" scans the pack of "ramipril 5 mg capsules"
    And she closes the drawer
    And she opens the drawer
    And she takes 1
    And "Nina" scans the pack of "senna 7.5 mg tablets"
    And she closes the drawer
    And "Nina" chooses the next patient
    And "Nina" takes all that is due
    And she opens the drawer
    And she takes 1
    And "Nina" scans the pack of "furosemide 40 mg tablets"
    And she closes the drawer
    And she opens the drawer
    And she takes 1
    And "Nina" scans the pack of "paracetamol 500 mg tablets"
    And she closes the drawer
    And she opens the drawer
    And she takes 1
    And "Nina" scans the pack of "ramipril 5 mg capsules"
    And she closes the drawer
    And she opens the drawer
    And she takes 1
    And "Nina" scans the pack of "senna 7.5 mg tablets"
    And she closes the drawer
    And "Nina" chooses the next patient
    And "Nina" takes all that is due
    And she opens the drawer
    And she takes 1
    And "Nina" scans the pack of "furosemide 40 mg tablets"
    And she closes the drawer
    And she opens the drawer
    And she takes 1
    And "Nina" scans the pack of "paracetamol 500 mg tablets"
    And she closes the drawer
    And she opens the drawer
    And she takes 1
    And "Nina" scans the pack of "ramipril 5 mg capsules"
    And she closes the drawer
    And she opens the drawer
    And she takes 1
    And "Nina" scans the pack of "senna 7.5 mg tablets"
    And she closes the drawer
    And "Nina" chooses the next patient
    And "Nina" takes all that is due
    And she opens the drawer
    And she takes 1
    And "Nina" scans the pack of "furosemide 40 mg tablets"
    And she closes the drawer
    And she opens the drawer
    And she takes 1
    And "Nina" scans the pack of "paracetamol 500 mg tablets"
    And she closes the drawer
    And she opens the drawer
    And she takes 1
    And "Nina" scans the pack of "ramipril 5 mg capsules"
    And she closes the drawer
    And she opens the drawer
    And she takes 1
    And "Nina" scans the pack of "senna 7.5 mg tablets"
    And she closes the drawer
    And "Nina" chooses the next patient
    And "Nina" takes all that is due
    And she opens the drawer
    And she takes 1
    And "Nina" scans the pack of "furosemide 40 mg tablets"
    And she closes the drawer
    And she opens the drawer
    And she takes 1
    And "Nina" scans the pack of "paracetamol 500 mg tablets"
    And she closes the drawer
    And she opens the drawer
    And she takes 1
    And "Nina" scans the pack of "ramipril 5 mg capsules"
    And she closes the drawer
    And she opens the drawer
    And she takes 1
    And "Nina" scans the pack of "senna 7.5 mg tablets"
    And she closes the drawer
    And "Nina" chooses the next patient
    And "Nina" takes all that is due
    And she opens the drawer
    And she takes 1
    And "Nina" scans the pack of "furosemide 40 mg tablets"
    And she closes the drawer
    And she opens the drawer
    And she takes 1
    And "Nina" scans the pack of "paracetamol 500 mg tablets"
    And she closes the drawer
    And she opens the drawer
    And she takes 1
    And "Nina" scans the pack of "ramipril 5 mg capsules"
    And she closes the drawer
    And she opens the drawer
    And she takes 1
    And "Nina" scans the pack of "senna 7.5 mg tablets"
    And she closes the drawer
    Then it took at most 49 actions
    And the log holds no removal.refused
    And exactly these drawers were released: 2, 1, 3, 4, 2, 1, 3, 4, 2, 1, 3, 4, 2, 1, 3, 4, 2, 1, 3, 4, 2, 1, 3, 4
    And pocket "2-1" is booked at 54 and holds 54 in truth
    And pocket "1-1" is booked at 54 and holds 54 in truth
    And pocket "3-1" is booked at 54 and holds 54 in truth
    And pocket "4-1" is booked at 54 and holds 54 in truth
    And cabinet and pharmacy agree
