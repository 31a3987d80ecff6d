from hal.keys import HeldKeys, MatrixKeys


def typed(looks):
    """The keys pressed by looks of (tick, keys that conduct)."""
    keys = MatrixKeys()
    pressed = [keys.look(mono_ms, frozenset(down)) for mono_ms, down in looks]
    return [key for key in pressed if key is not None]


def held(down, begin_ms, end_ms):
    return [(mono_ms, down) for mono_ms in range(begin_ms, end_ms, 20)]


def test_a_key_counts_once_however_long_it_is_held():
    assert typed(held("", 0, 60) + held("5", 60, 3_000) + held("", 3_000, 3_100)) == ["5"]


def test_a_touch_shorter_than_20_ms_is_nothing():
    assert typed([(0, ""), (20, ""), (30, "5"), (45, ""), (80, "")]) == []


def test_a_key_already_down_at_start_is_not_a_press():
    assert typed(held("5", 0, 200) + held("", 200, 300) + held("7", 300, 400)) == ["7"]


def test_F16_two_keys_at_once_are_no_key():
    assert typed(held("", 0, 60) + held("15", 60, 200) + held("", 200, 300)) == []


def test_F16_the_ghost_of_three_keys_is_no_key_nor_is_what_is_left_when_one_is_let_go():
    looks = held("", 0, 60) + held("1", 60, 120) + held("12", 120, 180)
    looks += held("1245", 180, 240)  # 1, 2 and 4 are down: 5 conducts though nobody presses it
    looks += held("5", 240, 300) + held("", 300, 360) + held("9", 360, 420)
    assert typed(looks) == ["1", "9"]


def test_F16_a_stuck_matrix_key_is_ignored_reported_and_the_others_work():
    keys = MatrixKeys()
    seen, reports = [], []
    for mono_ms, down in (
        held("", 0, 60)
        + held("8", 60, 6_000)
        + held("83", 6_000, 6_100)
        + held("8", 6_100, 6_200)
        + held("", 6_200, 6_300)
        + held("8", 6_300, 6_400)
    ):
        key = keys.look(mono_ms, frozenset(down))
        seen += [key] if key else []
        stuck, freed = keys.stuck_and_freed(mono_ms)
        reports += [("stuck", *stuck)] if stuck else []
        reports += [("freed", *freed)] if freed else []
    assert seen == ["8", "3", "8"]
    assert reports == [("stuck", "8"), ("freed", "8")]


def test_a_usb_key_counts_when_it_goes_down_and_not_again_before_it_was_let_go():
    keys = HeldKeys()
    assert [keys.press(0, "5"), keys.press(10, "5"), keys.press(20, "6")] == [True, False, True]
    assert keys.let_go("5") is False
    assert keys.press(30, "5") is True


def test_F16_a_usb_key_held_over_5_s_is_stuck_until_it_is_let_go():
    keys = HeldKeys()
    keys.press(0, "5")
    keys.press(1_000, "6")
    assert keys.newly_stuck(5_000) == ()
    assert keys.newly_stuck(5_001) == ("5",)
    assert keys.newly_stuck(5_002) == ()
    assert keys.let_go("5") is True
    assert keys.let_go("6") is False
    assert keys.newly_stuck(60_000) == ()


def test_F16_a_keypad_that_is_gone_holds_nothing():
    keys = HeldKeys()
    keys.press(0, "5")
    keys.newly_stuck(6_000)
    assert keys.forget() == ("5",)
    assert keys.press(7_000, "5") is True
