Feature: 14. Disks and backups
  What cannot be recorded is not opened. What a disk forgot is noticed. Nothing ever goes back.

  Background:
    Given a cabinet "A" with 4 drawers of 2 pockets
    And the time is 23-Nov-2026 07:55
    And nurse "Nina" with badge "B1" and PIN "246810"
    And patient "P1" SMITH, John (Mr) born 14-Jul-1945 male NHS number 943 476 5919 in ward "7" bed "3"
    And product "paracetamol 500 mg tablets" ingredient "paracetamol" 500 mg GTIN 05012345678900
    And pocket "3-2" of "A" holds 20 "paracetamol 500 mg tablets"
    And an order "O1" for "P1": 2 "paracetamol 500 mg tablets" at 08:00, 14:00, 22:00

  Scenario Outline: Nothing opens while the disk is <fault>, and the screen says what to do
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And the disk is <fault>
    And "Nina" removes order "O1"
    Then drawer 3 is locked
    And the screen says "backup"
    And the log holds no release.intent
    When the disk is repaired
    And 1 min passes
    And "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes order "O1"
    Then drawer 3 is released
    And every release has its intent before it

    Examples:
      | fault     |
      | full      |
      | read-only |

  Scenario: The disk fills up while a drawer is open: what happened is recorded when it can be
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes order "O1"
    And she opens the drawer
    And she takes 2
    And the disk is full
    And "Nina" scans the pack of "paracetamol 500 mg tablets"
    And she closes the drawer
    Then the screen says "backup"
    When the disk is repaired
    And 1 min passes
    Then the log holds removal.recorded with quantity "2"
    And pocket "3-2" is booked at 18 and holds 18 in truth
    And both logs verify
    And cabinet and pharmacy agree

  Scenario: A disk that lies is found out by what the pharmacy holds
    When the disk is lying
    And "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes order "O1"
    And she opens the drawer
    And she takes 2
    And "Nina" scans the pack of "paracetamol 500 mg tablets"
    And she closes the drawer
    And the power fails
    And the power returns
    Then the log holds rollback.detected

  Scenario: A pharmacy restored from an old backup is not believed
    When 3 h pass
    And "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes order "O1"
    And she opens the drawer
    And she takes 2
    And "Nina" scans the pack of "paracetamol 500 mg tablets"
    And she closes the drawer
    And the pharmacy is restored from 2 h ago
    Then the log holds fault.raised with fault "pharmacy"
    And pocket "3-2" is booked at 18 and holds 18 in truth
    And both logs verify
