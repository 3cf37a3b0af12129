"""Import the legacy SQLite database.

Users, circles with their members, stories with their comments, businesses and resources, images with the feedback on
them, in this order, so that a member can be checked against the user and the circle that it names. Afterwards members,
comments and joined circles are counted from what is really in the table.

This step goes through today's entities, unlike later changes of items, which must keep meaning what they meant: keys,
unique e-mail addresses, mirrors and validation are the models' own.
"""

from madmall_models.migration import ImportRows, Migration, Phase, madmall_completions, madmall_mappings

migration = Migration(
    after="0001_create_table",
    phase=Phase.EXPAND,
    operations=[ImportRows(mappings=madmall_mappings(), completions=madmall_completions())],
)
