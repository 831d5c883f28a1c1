"""Runs the checks of one area against an endpoint, and prints what became of each as JSON.

A check is a function that makes what it needs, under names of its own, and asserts on what the
endpoint answers. It must hold on AWS; where an emulator disagrees, disagreements.yaml says why.
"""
import json
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

CHECKS = {}
_clients = {}


def check(function):
    """Marks a check; its name is its claim."""
    assert function.__name__ not in CHECKS, f"two checks are called {function.__name__}"
    CHECKS[function.__name__] = function
    return function


def client(service):
    """A client that tries once, so that a refusal is seen as it is."""
    if service not in _clients:
        config = Config(retries={"total_max_attempts": 1}, read_timeout=30)
        _clients[service] = boto3.client(service, config=config)
    return _clients[service]


def refused(code, call, **arguments):
    """The call has to be refused with this code; gives what AWS says to people."""
    try:
        call(**arguments)
    except ClientError as error:
        given = error.response["Error"]
        assert given["Code"] == code, f"refused with {given['Code']} ({given['Message']}), not {code}"
        return given["Message"]
    raise AssertionError(f"not refused with {code}")


def eventually(look, seconds=20):
    """Asks until the answer is truthy; gives it."""
    limit = time.monotonic() + seconds
    while True:
        found = look()
        if found or time.monotonic() > limit:
            assert found, f"still {found!r} after {seconds} s"
            return found
        time.sleep(0.05)


def tags(listed):
    """Tags as a map, whichever way a service spells them."""
    return {tag.get("Key", tag.get("key")): tag.get("Value", tag.get("value")) for tag in listed}


def run():
    results = {}
    for name, function in CHECKS.items():
        try:
            function()
            results[name] = None
        except Exception as error:  # an emulator can fail in any way
            results[name] = f"{type(error).__name__}: {error}"[:500]
    print(json.dumps(results))
