/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/ui/event.h"

#include "proto/document/json.h"
#include "proto/text/json_writer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- JSON ------------------------------------------------------------------------------- */

/* The start is left out where it is unknown, both where the end is. */
static void put_interval(
	struct writer *w, const char *from, const char *to, uint64_t from_ms, uint64_t to_ms)
{
	if (to_ms == 0)
		return;
	if (from_ms != 0)
		jw_time(w, from, from_ms);
	jw_time(w, to, to_ms);
}

static struct alert alert_of(const struct archive_event *h)
{
	return (struct alert){.severity = h->severity,
		.training = h->training,
		.group = h->group,
		.group_index = h->group_index,
		.code = h->code,
		.location = h->location,
		.description = h->what};
}

static void put_alert(struct writer *w, const struct archive_event *h)
{
	char location[16];
	struct alert a = alert_of(h);
	jw_object(w, "alert");
	json_alert_members(w, &a);
	(void)snprintf(location, sizeof location, "%d", a.location);
	jw_str(w, "location", location);
	jw_end(w);
	jw_bool(w, "is_open", h->ended_to_ms == 0);
	put_interval(w, "ended_from", "ended_to", h->ended_from_ms, h->ended_to_ms);
}

void event_json(struct writer *w, const struct archive_event *h)
{
	jw_object(w, NULL);
	jw_str(w, "kind", history_kind_name((enum history_kind)h->kind));
	jw_text(w, "device_key", h->device_key);
	put_interval(w, "from", "to", h->from_ms, h->to_ms);
	jw_text(w, "what", h->what);
	jw_text_if(w, "old", h->old_text);
	jw_text_if(w, "new", h->new_text);
	if (h->kind >= HISTORY_SUPPLY_LOW && h->kind <= HISTORY_SUPPLY_REPLACED) {
		jw_uint(w, "cycle", h->cycle);
		jw_str(w, "type", supply_type_name(h->supply_type));
		jw_text_if(w, "colorant", h->colorant);
		jw_text_if(w, "part", h->part);
	}
	if (h->kind == HISTORY_ALERT_RAISED)
		put_alert(w, h);
	jw_end(w);
}

static void put_suspects(struct writer *w, const struct history_state *s, const struct reading *r)
{
	jw_array(w, "suspect_meters");
	for (const struct meter *m = r->meters; m != NULL; m = m->next) {
		const struct history_suspect *one = history_suspect_of(s, m);
		if (one == NULL)
			continue;
		jw_object(w, NULL);
		jw_str(w, "name", meter_name_text((enum meter_name)m->name));
		jw_uint(w, "seen", one->seen);
		jw_uint(w, "billed", one->good);
		jw_uint(w, "billed_at_ms", one->good_at_ms);
		jw_end(w);
	}
	jw_end(w);
}

static void put_estimate(struct writer *w, const struct history_estimate *e)
{
	jw_decimal(w, "days_left", e->days, 1);
	jw_decimal(w, "days_left_min", e->days_min, 1);
	jw_decimal(w, "days_left_max", e->days_max, 1);
	if (e->has_pages)
		jw_decimal(w, "pages_left", e->pages, 0);
	jw_object(w, "basis");
	jw_uint(w, "days", e->basis_days);
	jw_uint(w, "points", e->points);
	jw_end(w);
}

void event_supply_members(struct writer *w, const struct supply *x,
	const struct history_supply *history, const struct history_estimate *e)
{
	json_index(w, x->device, x->index);
	if (history == NULL)
		return;
	jw_uint(w, "cycle", history->cycle);
	jw_bool(w, "is_low", history->is_low);
	if (e->is_known)
		put_estimate(w, e);
}

static void put_supply(struct writer *w, const struct history_state *s, const struct supply *x)
{
	struct history_estimate e;
	const struct history_supply *one = history_supply_of(s, x);
	if (one == NULL)
		return;
	history_estimate(&e, s, one);
	jw_object(w, NULL);
	event_supply_members(w, x, one, &e);
	jw_end(w);
}

void event_evaluation_json(struct writer *w, const struct history_state *s, const struct reading *r)
{
	jw_object(w, "evaluation");
	put_suspects(w, s, r);
	jw_array(w, "supplies");
	for (const struct supply *x = r->supplies; x != NULL; x = x->next)
		put_supply(w, s, x);
	jw_end(w);
	jw_end(w);
}

/* ---- people ----------------------------------------------------------------------------- */

static void put_time(struct table *t, uint64_t at_ms)
{
	char utc[25] = "";
	if (at_ms != 0)
		str_utc(utc, at_ms);
	table_str(t, utc);
}

static const char *const columns[] = {
	"device", "event", "since", "until", "what", "before", "after"};

enum { COLUMNS = sizeof columns / sizeof columns[0] };

void event_csv_begin(struct table *t, FILE *out)
{
	const struct table_head head = {.format = TABLE_CSV, .names = columns, .columns = COLUMNS};
	table_begin(t, out, &head);
}

void event_table_begin(struct table *t, FILE *out, bool has_device)
{
	size_t from = has_device ? 0 : 1;
	view_table(t, out, columns + from, COLUMNS - from);
}

void event_table_row(struct table *t, const struct archive_event *h, bool has_device)
{
	char code[ALERT_CODE_NAME];
	struct alert a = alert_of(h);
	bool is_alert = h->kind == HISTORY_ALERT_RAISED;
	if (has_device)
		table_text(t, h->device_key);
	table_str(
		t, is_alert ? alert_kind_name(&a) : history_kind_name((enum history_kind)h->kind));
	put_time(t, h->to_ms);
	if (is_alert && h->ended_to_ms == 0)
		table_text(t, TEXT("now"));
	else
		put_time(t, h->ended_to_ms);
	table_text(t, is_alert ? view_alert_words(&a, code) : h->what);
	table_text(t, h->old_text);
	table_text(t, h->new_text);
	table_end_row(t);
}

static void put_estimate_row(
	struct table *t, const struct supply *x, const struct history_estimate *e)
{
	char text[32], name[VIEW_SUPPLY_NAME];
	table_text(t, view_supply_name(x, name));
	table_text(t, x->part);
	(void)snprintf(text, sizeof text, "%.0f", e->days);
	table_str(t, text);
	(void)snprintf(text, sizeof text, "%.0f-%.0f", e->days_min, e->days_max);
	table_str(t, text);
	(void)snprintf(text, sizeof text, "%.0f", e->pages);
	table_str(t, e->has_pages ? text : "");
	(void)snprintf(text, sizeof text, "%u days, %u points", e->basis_days, e->points);
	table_str(t, text);
	table_end_row(t);
}

/* Nothing if no supply has an estimate. */
static int print_estimates(FILE *out, const struct history_state *s, const struct reading *r)
{
	static const char *const names[] = {"LASTS", "PART", ">DAYS", ">RANGE", ">PAGES", "BASIS"};
	struct table t;
	bool is_begun = false;
	for (const struct supply *x = r->supplies; x != NULL; x = x->next) {
		struct history_estimate e;
		history_estimate(&e, s, history_supply_of(s, x));
		if (!e.is_known)
			continue;
		if (!is_begun) {
			(void)fputc('\n', out);
			view_table(&t, out, names, sizeof names / sizeof names[0]);
			is_begun = true;
		}
		put_estimate_row(&t, x, &e);
	}
	return is_begun ? table_end(&t) : 0;
}

int event_print_evaluation(FILE *out, const struct history_state *s, const struct reading *r)
{
	int n = 0;
	for (const struct meter *m = r->meters; m != NULL && n >= 0; m = m->next) {
		const struct history_suspect *one = history_suspect_of(s, m);
		if (one != NULL)
			n = fprintf(out, "\n%s is suspect: the value that counts is %llu\n",
				meter_name_text((enum meter_name)m->name),
				(unsigned long long)one->good);
	}
	return n < 0 ? -EIO : print_estimates(out, s, r);
}
