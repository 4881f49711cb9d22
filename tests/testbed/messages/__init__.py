"""What mlgitops says to people, as the tests provoke it: where messages are made, and what they read like.

finding_codes.py   follows codes of findings through the source, to the calls that give them
sites.py           every call of the source that makes a finding or an error
recorder.py        notes what is made at them while a test runs
snapshot.py        tests/goldens/messages: for each such call one test, and the text that comes of it
plugin.py          holds every test against its snapshots
"""
