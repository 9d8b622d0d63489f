"""The way back for somebody who has lost every way in: two people agree, and the person is invited anew."""
