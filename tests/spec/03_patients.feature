Feature: 3. Patients
  The screen says who, on every screen of their work, and asks again where two could be mistaken.

  Background:
    Given a cabinet "A" with 6 drawers of 4 pockets
    And the time is 23-Nov-2026 08:00
    And nurse "Nina" with badge "B1" and PIN "246810"
    And patient "P1" SMITH, John (Mr) born 14-Jul-1945 male NHS number 943 476 5919 in ward "7" bed "3"
    And product "paracetamol 500 mg tablets" GTIN 05012345678900
    And pocket "3-2" of "A" holds 40 "paracetamol 500 mg tablets"
    And an order "O1" for "P1": 2 "paracetamol 500 mg tablets" at 08:00, 14:00, 20:00

  @feature-17
  Scenario: My patients by bed, name and date of birth
    Given patient "P2" JONES, Ann (Mrs) born 02-Feb-1950 female NHS number 999 000 0018 in ward "7" bed "4"
    When "Nina" signs in
    Then the screen says "bed 3"
    And the screen says "SMITH, John (Mr)"
    And the screen says "14-Jul-1945"
    And the screen says "JONES, Ann (Mrs)"
    And the log holds no patient.chosen

  Scenario: One confirming key opens the list
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    Then the log holds patient.chosen with patient "P1" and by "list"
    And the screen says "paracetamol"

  @feature-14
  Scenario: Similar names ask for day and month of birth
    Given patient "P2" JONES, Ann (Mrs) born 02-Feb-1950 female NHS number 999 000 0018 in ward "7" bed "4"
    And patient "P3" JONES, Anne (Ms) born 20-Feb-1950 female NHS number 999 000 0026 in ward "7" bed "5"
    When "Nina" signs in
    Then the screen says "similar name"
    When "Nina" chooses patient "P2"
    Then the log holds patient.chosen with patient "P2"
    And the screen says "Born 02-Feb-1950"

  @feature-12
  Scenario: A wristband opens its own patient
    When "Nina" signs in
    And "Nina" chooses patient "P1" by wristband
    Then the log holds patient.chosen with patient "P1" and by "wristband"
    And the screen says "SMITH, John (Mr)"

  Scenario: A band of another ward's patient never shows that list silently
    Given patient "P2" JONES, Ann (Mrs) born 02-Feb-1950 female NHS number 999 000 0018 in ward "8" bed "1"
    And an order "O2" for "P2": 2 "paracetamol 500 mg tablets" at 08:00
    When "Nina" signs in
    And "Nina" chooses patient "P2" by wristband
    Then the log holds no patient.chosen
    And the screen does not say "paracetamol"
    And the screen says "ward"

  Scenario: A patient of another ward is not in the list
    Given patient "P2" JONES, Ann (Mrs) born 02-Feb-1950 female NHS number 999 000 0018 in ward "8" bed "1"
    When "Nina" signs in
    Then the screen does not say "JONES"

  @feature-11
  Scenario: A transferred patient leaves the list
    When "Nina" signs in
    Then the screen says "SMITH"
    When "P1" is transferred to ward "8"
    And "Nina" signs out
    And "Nina" signs in
    Then the screen does not say "SMITH"

  Scenario: After discharge the name leaves the list when its time is over
    When "P1" is discharged
    And 3 h pass
    And "Nina" signs in
    Then the screen does not say "SMITH"

  Scenario: After discharge nothing is removed any more
    When "P1" is discharged
    And "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes 2 "paracetamol 500 mg tablets"
    Then no drawer is released
    And the log holds no release.intent

  Scenario: Two records that are one person
    Given patient "P2" SMITH, Jon (Mr) born 14-Jul-1945 male NHS number 999 000 0018 in ward "7" bed "9"
    When "P2" is merged into "P1"
    And "Nina" signs in
    Then the screen does not say "SMITH, Jon (Mr)"
    And the screen says "SMITH, John (Mr)"

  @feature-28
  Scenario: Allergies stand in a strip of their own
    Given "P1" is allergic to "penicillin" anaphylaxis
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    Then the screen says "ALLERGY penicillin - anaphylaxis"

  Scenario: Not recorded is never shown as none known
    Given the allergies of "P1" are not recorded
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    Then the screen says "not recorded"
    And the screen does not say "No known allergies"

  Scenario: Names are forgotten 72 hours after discharge and both logs still verify
    When "P1" is discharged
    And 4 days pass
    Then the log holds patient.forgotten with patient "P1"
    And both logs verify
    And cabinet and pharmacy agree

  Scenario: A merge while the list stands open shows the record that lives on
    Given patient "P2" SMITH, Jon (Mr) born 14-Jul-1945 male NHS number 999 000 0018 in ward "7" bed "9"
    And "P1" is allergic to "penicillin" anaphylaxis
    When "Nina" signs in
    And "Nina" chooses patient "P2"
    And "P2" is merged into "P1"
    And "Nina" presses *
    Then the screen says "SMITH, John (Mr)"
    And the screen says "ALLERGY penicillin - anaphylaxis"
    And the screen does not say "SMITH, Jon (Mr)"
