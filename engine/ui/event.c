/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/ui/event.h"

#include "proto/document/json.h"
#include "proto/text/sheet.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- JSON ------------------------------------------------------------------------------- */

static int put_word(struct buf *dst, const char *key, struct text t)
{
	int err = buf_printf(dst, ",\"%s\":", key);
	return err < 0 ? err : json_put_text(dst, t);
}

/* "from" is left out where it is not known, both where the thing has not ended. */
static int put_interval(
	struct buf *dst, const char *from, const char *to, uint64_t from_ms, uint64_t to_ms)
{
	char utc[25];
	int err = 0;
	if (to_ms == 0)
		return 0;
	if (from_ms != 0) {
		str_utc(utc, from_ms);
		err = buf_printf(dst, ",\"%s_ms\":%llu,\"%s\":\"%s\"", from,
			(unsigned long long)from_ms, from, utc);
	}
	str_utc(utc, to_ms);
	return err < 0 ? err
		       : buf_printf(dst, ",\"%s_ms\":%llu,\"%s\":\"%s\"", to,
				 (unsigned long long)to_ms, to, utc);
}

static struct alert alert_of(const struct archive_happening *h)
{
	return (struct alert){.severity = h->severity,
		.training = h->training,
		.group = h->group,
		.group_index = h->group_index,
		.code = h->code,
		.location = h->location};
}

static int put_alert(struct buf *dst, const struct archive_happening *h)
{
	char code[ALERT_CODE_NAME];
	struct alert a = alert_of(h);
	int err = buf_printf(dst,
		",\"alert\":{\"kind\":\"%s\",\"severity\":\"%s\",\"training\":\"%s\","
		"\"group\":\"%s\",\"group_index\":%d,\"code\":\"%s\",\"code_number\":%d,"
		"\"location\":\"%d\"},\"is_open\":%s",
		alert_kind_name(&a), alert_severity_name(a.severity),
		alert_training_name(a.training), alert_group_name(a.group), a.group_index,
		alert_code_name(a.code, code), a.code, a.location,
		h->ended_to_ms == 0 ? "true" : "false");
	return err < 0 ? err
		       : put_interval(
				 dst, "ended_from", "ended_to", h->ended_from_ms, h->ended_to_ms);
}

int event_put_json(struct buf *dst, const struct archive_happening *h)
{
	int err =
		buf_printf(dst, "{\"kind\":\"%s\"", history_kind_name((enum history_kind)h->kind));
	if (err == 0)
		err = put_word(dst, "device_key", h->device_key);
	if (err == 0)
		err = put_interval(dst, "from", "to", h->from_ms, h->to_ms);
	if (err == 0)
		err = put_word(dst, "what", h->what);
	if (err == 0 && h->old_text.len > 0)
		err = put_word(dst, "old", h->old_text);
	if (err == 0 && h->new_text.len > 0)
		err = put_word(dst, "new", h->new_text);
	if (err == 0 && h->kind >= HISTORY_SUPPLY_LOW && h->kind <= HISTORY_SUPPLY_REPLACED)
		err = buf_printf(dst, ",\"cycle\":%u", h->cycle);
	if (err == 0 && h->kind == HISTORY_ALERT_RAISED)
		err = put_alert(dst, h);
	return err < 0 ? err : buf_put_text(dst, "}");
}

static int put_suspects(struct buf *dst, const struct history_state *s, const struct reading *r)
{
	int err = buf_put_text(dst, ",\"judgement\":{\"suspect_meters\":[");
	const char *comma = "";
	for (const struct meter *m = r->meters; m != NULL && err == 0; m = m->next) {
		const struct history_suspect *one = history_suspect_of(s, m);
		if (one == NULL)
			continue;
		err = buf_printf(dst,
			"%s{\"name\":\"%s\",\"seen\":%llu,\"billed\":%llu,\"billed_at_ms\":%llu}",
			comma, meter_name_text((enum meter_name)m->name),
			(unsigned long long)one->seen, (unsigned long long)one->good,
			(unsigned long long)one->good_at_ms);
		comma = ",";
	}
	return err < 0 ? err : buf_put_text(dst, "],\"supplies\":[");
}

int event_put_judgement(struct buf *dst, const struct history_state *s, const struct reading *r)
{
	int err = put_suspects(dst, s, r);
	const char *comma = "";
	for (const struct supply *x = r->supplies; x != NULL && err == 0; x = x->next) {
		const struct history_supply *one = history_supply_of(s, x);
		if (one == NULL)
			continue;
		double days = history_days_left(one), pages = history_pages_left(one);
		err = buf_printf(dst, "%s{\"index\":\"%u.%u\",\"cycle\":%u,\"is_low\":%s", comma,
			x->device, x->index, one->cycle, one->is_low ? "true" : "false");
		if (err == 0 && days >= 0)
			err = buf_printf(dst, ",\"days_left\":%.1f", days);
		if (err == 0 && pages >= 0)
			err = buf_printf(dst, ",\"pages_left\":%.0f", pages);
		if (err == 0)
			err = buf_put_text(dst, "}");
		comma = ",";
	}
	return err < 0 ? err : buf_put_text(dst, "]}");
}

/* ---- people ----------------------------------------------------------------------------- */

static void put_time(struct view_table *t, uint64_t at_ms)
{
	char utc[25] = "";
	if (at_ms != 0)
		str_utc(utc, at_ms);
	view_table_text(t, text_of(utc));
}

void event_table_begin(struct view_table *t, FILE *out, bool has_device)
{
	static const char *const names[] = {
		"DEVICE", "EVENT", "SINCE", "UNTIL", "WHAT", "BEFORE", "AFTER"};
	size_t from = has_device ? 0 : 1;
	view_table_begin(t, out, names + from, sizeof names / sizeof names[0] - from);
}

void event_table_row(struct view_table *t, const struct archive_happening *h, bool has_device)
{
	char code[ALERT_CODE_NAME];
	struct alert a = alert_of(h);
	bool is_alert = h->kind == HISTORY_ALERT_RAISED;
	if (has_device)
		view_table_text(t, h->device_key);
	view_table_text(t, text_of(is_alert ? alert_kind_name(&a)
					    : history_kind_name((enum history_kind)h->kind)));
	put_time(t, h->to_ms);
	if (is_alert && h->ended_to_ms == 0)
		view_table_text(t, TEXT("now"));
	else
		put_time(t, h->ended_to_ms);
	bool has_words = h->what.len > 0 || !is_alert;
	view_table_text(t, has_words ? h->what : text_of(alert_code_name(a.code, code)));
	view_table_text(t, h->old_text);
	view_table_text(t, h->new_text);
	view_table_end_row(t);
}

int event_print_judgement(FILE *out, const struct history_state *s, const struct reading *r)
{
	int n = 0;
	for (const struct meter *m = r->meters; m != NULL && n >= 0; m = m->next) {
		const struct history_suspect *one = history_suspect_of(s, m);
		if (one != NULL)
			n = fprintf(out, "\n%s is suspect: the value that counts is %llu\n",
				meter_name_text((enum meter_name)m->name),
				(unsigned long long)one->good);
	}
	for (const struct supply *x = r->supplies; x != NULL && n >= 0; x = x->next) {
		const struct history_supply *one = history_supply_of(s, x);
		double days = history_days_left(one), pages = history_pages_left(one);
		if (days >= 0)
			n = fprintf(out, "\nsupply %u.%u lasts about %.0f days more\n", x->device,
				x->index, days);
		if (pages >= 0 && n >= 0)
			n = fprintf(out, "\nsupply %u.%u lasts about %.0f pages more\n", x->device,
				x->index, pages);
	}
	return n < 0 ? -EIO : 0;
}
