"""The page, live: a small server that reads, and where somebody is signed in opens pull requests and nothing else.

live.py       the snapshot that is shown, made anew once it is too old
signing.py    who is signed in: by a proxy that is trusted, or by a password; the token of their forms
app.py        addresses, headers, answers
promoting.py  the one thing that a form may bring about
server.py     the socket that it listens on
"""
