Feature: 2. People and sessions
  A badge says who, a PIN proves it. One person, one panel. Nothing is lost when somebody walks away.

  Background:
    Given a cabinet "A" with 6 drawers of 4 pockets with 2 panels
    And the time is 23-Nov-2026 08:00
    And nurse "Nina" with badge "B1" and PIN "246810"
    And nurse "Omar" with badge "B2" and PIN "135791"
    And patient "P1" SMITH, John (Mr) born 14-Jul-1945 male NHS number 943 476 5919 in ward "7" bed "3"
    And product "paracetamol 500 mg tablets" GTIN 05012345678900
    And pocket "3-2" of "A" holds 40 "paracetamol 500 mg tablets"
    And an order "O1" for "P1": 2 "paracetamol 500 mg tablets" at 08:00, 14:00, 20:00

  @feature-1
  Scenario: Badge and right PIN open a session
    When "Nina" signs in
    Then the log holds session.opened with actor "Nina"
    And the screen says "SMITH, John (Mr)"
    And no drawer is released

  @feature-2
  Scenario: A badge alone opens nothing
    When "Nina" taps her badge
    Then the screen says "PIN"
    And the log holds no session.opened
    And the screen does not say "SMITH"

  Scenario: A wrong PIN is refused without saying what was wrong
    When "Nina" signs in with PIN "111111"
    Then she is refused because "badge or PIN"
    And the log holds session.refused with actor "Nina"
    And the log holds no session.opened

  Scenario: An unknown badge is refused in the same words
    Given nurse "Ghost" with badge "B9" and PIN "999999"
    And "Pat" the pharmacist revokes "Ghost"
    When "Ghost" signs in
    Then the log holds no session.opened
    And the log holds session.refused

  Scenario: After a wrong PIN the next try has to wait, and then works
    When "Nina" signs in with PIN "111111"
    And 2 s pass
    And "Nina" signs in
    Then the log holds session.opened with actor "Nina"

  Scenario: The delay doubles and a right PIN is not looked at during it
    When "Nina" signs in with PIN "111111"
    And 2 s pass
    And "Nina" signs in with PIN "111111"
    And 3 s pass
    And "Nina" signs in with PIN "111111"
    And 5 s pass
    And "Nina" signs in with PIN "111111"
    And "Nina" signs in
    Then she is refused because "wait"
    And the log holds no session.opened
    When 10 s pass
    And "Nina" signs in
    Then the log holds session.opened with actor "Nina"

  Scenario: Wrong PINs of one person never slow another
    When "Nina" signs in with PIN "111111"
    And "Nina" signs in with PIN "111111"
    And "Omar" signs in
    Then the log holds session.opened with actor "Omar"

  Scenario: Wrong PINs are still counted after a restart
    When "Nina" signs in with PIN "111111"
    And 2 s pass
    And "Nina" signs in with PIN "111111"
    And 3 s pass
    And "Nina" signs in with PIN "111111"
    And 5 s pass
    And "Nina" signs in with PIN "111111"
    And the power fails
    And the power returns
    And "Nina" signs in
    Then the log holds no session.opened
    When 10 s pass
    And "Nina" signs in
    Then the log holds session.opened with actor "Nina"

  Scenario: Ten wrong PINs lock the person, and no other
    When "Nina" signs in with PIN "111111"
    And 301 s pass
    And "Nina" signs in with PIN "111111"
    And 301 s pass
    And "Nina" signs in with PIN "111111"
    And 301 s pass
    And "Nina" signs in with PIN "111111"
    And 301 s pass
    And "Nina" signs in with PIN "111111"
    And 301 s pass
    And "Nina" signs in with PIN "111111"
    And 301 s pass
    And "Nina" signs in with PIN "111111"
    And 301 s pass
    And "Nina" signs in with PIN "111111"
    And 301 s pass
    And "Nina" signs in with PIN "111111"
    And 301 s pass
    And "Nina" signs in with PIN "111111"
    And 301 s pass
    And "Nina" signs in
    Then the log holds no session.opened
    When "Omar" signs in
    Then the log holds session.opened with actor "Omar"

  @feature-9
  Scenario: After a minute without a key the round is parked, not lost
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And 61 s pass
    Then the log holds session.parked with actor "Nina"
    And the screen does not say "SMITH"

  Scenario: Short of a minute nothing is parked
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And 50 s pass
    Then the log holds no session.parked
    And the screen says "SMITH, John (Mr)"

  Scenario: With a drawer open the session is not parked after a minute
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" removes 2 "paracetamol 500 mg tablets"
    And she opens the drawer
    And she leaves it open 70 s
    Then the log holds no session.parked

  Scenario: A second badge at a panel is an explicit hand-over
    When "Nina" signs in
    And "Omar" taps her badge
    Then the screen says "hand"
    And the log holds no session.closed
    When "Omar" signs in
    Then the log holds handover with actor "Nina" and to "Omar"
    And the log holds session.opened with actor "Omar"

  @feature-10
  Scenario: Two people at two panels
    When "Nina" signs in at panel 1
    And "Omar" signs in at panel 2
    Then the log holds session.opened with actor "Nina" and panel "1"
    And the log holds session.opened with actor "Omar" and panel "2"

  Scenario: Access ends when the revocation is received
    When "Nina" signs in
    And "Pat" the pharmacist revokes "Nina"
    And "Nina" chooses patient "P1"
    And "Nina" takes all that is due
    Then no drawer is released
    And the log holds no release.intent

  Scenario: A revoked person does not get in again
    When "Pat" the pharmacist revokes "Nina"
    And "Nina" signs in
    Then the log holds no session.opened
    And the screen does not say "SMITH"

  Scenario: Nobody is locked out because the pharmacy cannot be reached
    When the pharmacy is unreachable
    And 3 days pass
    And "Nina" signs in
    Then the log holds session.opened with actor "Nina"

  Scenario: Signing out leaves no name on the screen
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" signs out
    Then the screen does not say "SMITH"
    And the screen says "badge"

  Scenario: The right PIN inside the first delay is refused too, and a moment later it is not
    When "Nina" signs in with PIN "111111"
    And "Nina" signs in
    Then she is refused because "wait"
    And the log holds no session.opened
    When 2 s pass
    And "Nina" signs in
    Then the log holds session.opened with actor "Nina"
