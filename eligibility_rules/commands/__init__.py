"""The commands of `python -m eligibility_rules`, one module each, for the people who own the rules.

Answers for arguments, files and printing. Leaves what is said to the rest of the room: `examine`, `sheet`, `printed`,
`changes`, `telling`.
"""
