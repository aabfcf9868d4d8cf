/* SPDX-License-Identifier: Apache-2.0
 * The events of a hub, compared with those of the ledger. */
#ifndef PLATEN_TESTS_MONTH_HUB_EVENTS_H
#define PLATEN_TESTS_MONTH_HUB_EVENTS_H

#include "tests/month/ledger.h"

#include "engine/store/archive_view.h"

struct hub_events {
	struct ledger *ledger;
	struct ledger_event *event; /* LEDGER_EVENTS */
	size_t events;
};

/* Reads them; keys[i] is the device key of the ledger's printer i. */
void hub_events_list(struct hub_events *h, struct archive_view *view, const char *const *keys);

struct difference {
	unsigned long missing, surplus, of_kind[LEDGER_KINDS + 1];
};

/* Sorts both and compares: an event of one side that the other does not have is printed, the first
 * ones of each side, unless is_quiet. */
struct difference hub_events_compare(struct hub_events *h, bool is_quiet);

#endif
