"""What the adapters are trained on: the desk's tickets (lesson 04), and facts with and without pages (05).

A change in here puts ``course_utils/adapters`` out of date: `make adapters` trains them again.
"""
