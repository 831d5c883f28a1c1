@check
def the_caller_is_told_with_account_and_arn():
    caller = client("sts").get_caller_identity()
    assert len(caller["Account"]) == 12 and caller["Account"].isdigit(), caller
    assert caller["Arn"].startswith("arn:aws:"), caller
    assert f":{caller['Account']}:" in caller["Arn"], caller
    assert caller["UserId"], caller
