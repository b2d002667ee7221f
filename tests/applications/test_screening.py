import pytest
from tests.factories_applications import *  # noqa
@pytest.mark.django_db
def test_x():
    c = announced_cycle()
    a = accepted_application(c, "洛阳某某")
    assert a.state == "accepted", a
    assert a.number == "2027-0001"
