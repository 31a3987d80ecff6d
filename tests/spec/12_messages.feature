Feature: 12. Patients and orders come as messages
  A real admission and a real pharmacy order reach the pharmacy; the nurse finds both at the cabinet.

  Background:
    Given a cabinet "A" with 4 drawers of 2 pockets
    And the time is 23-Nov-2026 07:55
    And nurse "Nina" with badge "B1" and PIN "246810"
    And product "paracetamol 500 mg tablets" ingredient "paracetamol" 500 mg GTIN 05012345678900
    And pocket "3-2" of "A" holds 20 "paracetamol 500 mg tablets" lot "L1" expiring 31-Dec-2027
    And the HL7 message "messages/adt_a01_admission.hl7" has been received

  @feature-11 @feature-73
  Scenario: An admission puts the patient on the list, with allergies
    When "Nina" signs in
    Then the screen says "JONES, Ann (Mrs)"
    And the screen says "bed 4"
    When "Nina" chooses patient "H1234"
    Then the screen says "ALLERGY penicillin - anaphylaxis"
    And the screen says "999 000 0018"

  @feature-73
  Scenario: A pharmacy order is removed, and the stock falls
    Given the HL7 message "messages/rde_o11_order.hl7" has been received
    When "Nina" signs in
    And "Nina" chooses patient "H1234"
    And "Nina" removes order "ORD77"
    Then drawer 3 is released
    When she opens the drawer
    And she takes 2
    And "Nina" scans the pack of "paracetamol 500 mg tablets"
    And she closes the drawer
    Then exactly these drawers were released: 3
    And the pharmacy believes pocket "3-2" holds 18 within 1 s
    And both logs verify

  Scenario: The same message twice changes nothing the second time
    Given the HL7 message "messages/rde_o11_order.hl7" has been received
    And the HL7 message "messages/rde_o11_order.hl7" has been received
    When "Nina" signs in
    And "Nina" chooses patient "H1234"
    And "Nina" takes all that is due
    And she opens the drawer
    And she takes 2
    And "Nina" scans the pack of "paracetamol 500 mg tablets"
    And she closes the drawer
    And "Nina" takes all that is due
    Then exactly these drawers were released: 3
