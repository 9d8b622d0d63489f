"""The findings in plain English, for a terminal or a mail from cron. The screens have their own dictionaries."""

from api.watch.findings import Code, Finding

SENTENCES: dict[Code, str] = {
    "stalled": "{count} pages should have moved on and have not, the oldest {minutes} minutes ago: look at the worker.",
    "no_worker": "No paging worker looks for work: pages are not going out. Start the server, or `worker`.",
    "nobody_subscribed": "No coordinator can be reached by any channel: let one allow notifications on a phone.",
    "empty_step": "Nobody of the level {level} can be reached from {from} to {to}: mend the rota, or their phones.",
    "refused_channel": "{origin} refuses this server's credentials ({channel}): look at the keys and settings of the channel.",
    "late_deliveries": "{count} messages are late, the oldest {minutes} minutes: look at the worker.",
    "dead_deliveries": "{count} addresses could not be reached for pages that nobody has answered.",
    "silent_phone": "A phone of somebody on duty did not answer its test.",
    "copied_phone": "A phone was removed because somebody has a copy of it: talk with its officer.",
    "broken_glass": "An administrator may look at the referral {number} until {until}: a supervisor has approved it.",
    "left_with_card": "In the last {days} days {count} people were left with the card because nobody came.",
}


def sentence(finding: Finding) -> str:
    """One finding, without anybody's name."""
    return SENTENCES[finding.code].format(**finding.values)
