"""Every sentence of the published vocabulary is understood, with and without its optional parts."""

import pytest

from sim.play.registry import find

SENTENCES = r"""
a cabinet "A" with 6 drawers of 4 pockets
a cabinet "A" with 1 drawer of 1 pocket
a cabinet "A" with 6 drawers of 4 pockets on boards in ward "7" with 2 panels
a cabinet "A" with 6 drawers of 4 pockets with 2 panels in ward "7"
the time is 23-Nov-2026 08:00
nurse "Nina" with badge "B1" and PIN "246810"
nurse in charge "Ina" with badge "B1" and PIN "246810"
midwife "Mia" with badge "B1" and PIN "246810"
student "Sam" with badge "B1" and PIN "246810"
pharmacist "Pat" with badge "B1" and PIN "246810"
technician "Tom" with badge "B1" and PIN "246810"
anaesthetist "Ann" with badge "B1" and PIN "246810"
witness "Wes" with badge "B1" and PIN "246810"
patient "P1" SMITH, John (Mr) born 14-Jul-1945 male NHS number 943 476 5919 in ward "7" bed "3"
patient "P1" O'BRIEN-SMYTH, Mary Jane (Mrs) born 01-Jan-2001 female NHS number 9434765919
patient "P1" SMITH, John
"P1" is allergic to "penicillin" anaphylaxis
"P1" is allergic to "penicillin" intolerance
the allergies of "P1" are not recorded
product "paracetamol 500 mg tablets"
product "paracetamol 500 mg tablets" ingredient "paracetamol"
product "paracetamol 500 mg tablets" ingredient "paracetamol" 500 mg
product "morphine 10 mg/1 mL injection" strength 10 mg per unit unit of issue single-use container
product "x" unit of issue whole pack flags custody, witness, count, register, destruction
product "x" unit of issue bottle flags high-alert, paralysing, fridge GTIN 05012345678900
product "x" ingredient "y" 75 micrograms strength 2.5 mL per unit unit of issue unit flags count
"paracetamol 500 mg tablets" is early by 60 min and late until 120 min
"paracetamol 500 mg tablets" demands verification
pocket "3-2" of "A" holds 10 "paracetamol 500 mg tablets"
pocket "3-2" of "A" holds 10 "paracetamol 500 mg tablets" lot "L1" expiring 31-Dec-2027
pocket "3-2" of "A" holds 10 "paracetamol 500 mg tablets" lot unknown in truth 3
an order "O1" for "P1": 2 "paracetamol 500 mg tablets"
an order "O1" for "P1": 1 "a" + 1 "b" at 08:00, 14:00, 22:00 kind regular dose 75 micrograms
an order "O1" for "P1": 2 "a" kind STAT
an order "O1" for "P1": 2 "a" kind as-required every 240 min at most 4 in 24 h dose 1,000 mg
"O1" is unseen
"O1" is verified
"O1" is queried
"O1" is rejected
"O1" is stopped
the HL7 message "messages/a.hl7" has been received
the override list of ward "7" holds "a"
the override list of ward "7" holds "a", "b", "c"
the emergency drawers are 1, 2
"Nina" signs in
"Nina" signs in at panel 2
"Nina" signs in with PIN "111111"
"Nina" signs in at panel 2 with PIN "111111"
"Nina" taps her badge
"Nina" signs out
"Nina" chooses patient "P1"
"Nina" chooses patient "P1" by bedside ticket
"Nina" chooses patient "P1" by wristband
"Nina" chooses the next patient
"Nina" takes all that is due
"Nina" removes 2 "paracetamol 500 mg tablets"
"Nina" removes order "O1"
"Nina" removes order "O1" as replacement because "dropped"
"Nina" overrides for 1 "a" because "pain"
"Nina" overrides for 1 "a" because "pain" indication "fracture"
"Wes" witnesses
"Nina" confirms
"Nina" changes the quantity to 1
"Nina" answers "yes"
"Nina" presses 1
"Nina" presses A # * 0
"Nina" counts 12
"Nina" cannot scan because "strip"
the scanner reads "]d2010501234567890010L1\x1D1731\r\n\""
"Nina" scans the pack of "a"
"Nina" scans the pack of "a" lot "L1"
she opens the drawer
she takes 2
she puts back 1
she closes the drawer
she leaves it open 40 s
somebody forces drawer 3
drawer 3 opens by itself
"Nina" returns 1 "a"
"Nina" wastes 2 mg of order "O1", given 8 mg
"Nina" wastes 1 of order "O1", given 1
"Tom" restocks pocket "3-2" with 20
"Tom" restocks pocket "3-2" with 20 lot "L2" expiring 31-Dec-2028
a count of pocket "3-2" is asked
the emergency button is pressed
"Pat" the pharmacist verifies "O1"
"Pat" the pharmacist queries "O1"
"Pat" the pharmacist rejects "O1"
"Pat" the pharmacist stops "O1"
"Pat" the pharmacist recalls lot "L1" of "a"
"Pat" the pharmacist revokes "Nina"
the ePMA records "O1" at 08:00 given
the ePMA records "O1" at 08:00 held
the ePMA records "O1" at 08:00 omitted
the ePMA records "O1" at 08:00 refused
"P1" is transferred to ward "8"
"P1" is discharged
"P1" is merged into "P2"
5 s pass
30 min pass
2 h pass
6 days pass
the clock loses its time
the clock jumps by 3 h
the clock jumps by -3 h
the clock is trusted again
the power fails
the power returns
the power fails before the intent is recorded
the power fails after the intent is sent
the power fails before the lease is sent
the power fails after the lease is recorded
the power fails before the opening is recorded
the power fails after the outcome is sent
the pharmacy is unreachable
the pharmacy is reachable
the ePMA feed dies
the ePMA feed lives
the card is restored from 3 h ago
the pharmacy is restored from 3 h ago
the reed of drawer 3 is stuck closed
the feedback of drawer 3 is bouncing
the lock of drawer 3 is jammed
the lock of drawer 3 is repaired
the scanner is dead
the keypad is stuck
the display is repaired
the probe is dead
the disk is full
the disk is read-only
the disk is lying
the disk is repaired
drawer 3 is locked
drawer 3 is released
drawer 3 is open
pocket "3-2" is lit
no drawer is released
exactly these drawers were released: 3
exactly these drawers were released: 3, 5
the screen says "SMITH"
the screen offers "take all"
the screen does not say "SMITH"
she is refused because "too early"
it took at most 6 actions
an alarm says "drawer 3"
the log holds removal.recorded
the log holds removal.recorded with quantity "2"
the log holds no removal.recorded
every release has its intent before it
pocket "3-2" is booked at 8
pocket "3-2" is booked at 8 and holds 8 in truth
the pharmacy believes pocket "3-2" holds 8
the pharmacy believes pocket "3-2" holds 8 within 1 s
a discrepancy of 3 is open for pocket "3-2"
a discrepancy of -3 is open for pocket "3-2"
a count is due for pocket "3-2"
"Nina" has an open task for order "O1"
the register line says "morphine"
both logs verify
cabinet and pharmacy agree
"""


@pytest.mark.parametrize("sentence", SENTENCES.strip().splitlines())
def test_the_sentence_is_understood(sentence: str) -> None:
    known, _ = find(sentence)
    assert known.pattern.match(sentence) is not None
