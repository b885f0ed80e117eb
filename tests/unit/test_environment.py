from mocast.environment import without_settings


def test_other_processes_are_told_no_setting_of_the_server() -> None:
    assert without_settings({"PATH": "/bin", "MOCAST_TOKEN": "x", "mocast_jwt_secret": "y"}) == {"PATH": "/bin"}
