/* SPDX-License-Identifier: Apache-2.0
 * Events and evaluations of devices: tables and lines for people, JSON and CSV for programs. */
#ifndef PLATEN_UI_EVENT_H
#define PLATEN_UI_EVENT_H

#include "proto/base/err.h"
#include "proto/base/writer.h"
#include "engine/ui/view.h"
#include "engine/store/archive_view.h"
#include "proto/history/history.h"

/* One event as a JSON object (docs/json.md, "An event"), outermost or in an array. */
void event_json(struct writer *w, const struct archive_event *h);

/* A table of events; has_device: with the column that says whose. */
void event_table_begin(struct table *t, FILE *out, bool has_device);
/* The same as CSV. */
void event_csv_begin(struct table *t, FILE *out);
void event_table_row(struct table *t, const struct archive_event *h, bool has_device);

/* Of one supply: index, cycle, is_low, and how long it lasts; history NULL: only its index. */
void event_supply_members(struct writer *w, const struct supply *x,
	const struct history_supply *history, const struct history_estimate *e);
/* The member "evaluation" of a device: suspect meters, and how long the supplies last. */
void event_evaluation_json(
	struct writer *w, const struct history_state *s, const struct reading *r);
/* The same as lines for people; nothing if there is nothing to say. */
int event_print_evaluation(
	FILE *out, const struct history_state *s, const struct reading *r) MUST_USE;

#endif
