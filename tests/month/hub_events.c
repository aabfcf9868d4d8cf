/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/month/hub_events.h"

#include "proto/history/history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SHOWN = 20 };

/* ---- the hub's events ------------------------------------------------------------------- */

struct listing {
	struct hub_events *h;
	uint32_t printer;
};

static uint64_t number_of(struct text t)
{
	char text[32] = "";
	(void)snprintf(text, sizeof text, "%.*s", TEXT_ARG(t));
	return strtoull(text, NULL, 10);
}

/* The simulator's meters that are a difference of rounded percentages go back by one at times. */
static bool is_rounding(const struct archive_event *h)
{
	return h->kind == HISTORY_METER_RESET &&
	       number_of(h->old_text) == number_of(h->new_text) + 1;
}

/* An event names a supply by its description, and behind it by what that does not say. */
static uint32_t what_of(const struct ledger_printer *p, const struct archive_event *h)
{
	if (h->kind == HISTORY_METER_RESET)
		return 0;
	if (h->kind == HISTORY_ALERT_RAISED)
		return ledger_what(h->what, h->code);
	struct text best = h->what;
	for (unsigned i = 0; i < p->supplies; i++) {
		struct text one = p->supply[i].what;
		bool is_it = text_is_equal(h->what, one) ||
			     (h->what.len > one.len + 1 && memcmp(h->what.p, one.p, one.len) == 0 &&
				     memcmp(h->what.p + one.len, ", ", 2) == 0);
		if (is_it && (best.len == h->what.len || one.len > best.len))
			best = one;
	}
	return ledger_what(best, 0);
}

static int add_event(void *owner, const struct archive_event *h)
{
	static const uint8_t kinds[HISTORY_KIND_COUNT] = {[HISTORY_SUPPLY_LOW] = LEDGER_LOW,
		[HISTORY_SUPPLY_EMPTY] = LEDGER_EMPTY,
		[HISTORY_SUPPLY_REPLACED] = LEDGER_REPLACED,
		[HISTORY_ALERT_RAISED] = LEDGER_ALERT,
		[HISTORY_METER_RESET] = LEDGER_RESET,
		[HISTORY_METER_JUMP] = LEDGER_KINDS,
		[HISTORY_FIRMWARE_CHANGED] = LEDGER_KINDS,
		[HISTORY_ALERT_CLEARED] = LEDGER_KINDS,
		[HISTORY_MOVED] = LEDGER_KINDS,
		[HISTORY_OTHER_DEVICE] = LEDGER_KINDS};
	struct listing *l = owner;
	struct hub_events *w = l->h;
	if (is_rounding(h))
		return 0;
	assert_true(w->events < LEDGER_EVENTS);
	uint32_t what = what_of(&w->ledger->of[l->printer], h);
	w->event[w->events++] = (struct ledger_event){.printer = l->printer,
		.kind = kinds[h->kind],
		.what = what,
		.from_ms = h->from_ms,
		.to_ms = h->to_ms};
	return 0;
}

void hub_events_list(struct hub_events *h, struct archive_view *view, const char *const *keys)
{
	h->events = 0;
	for (size_t i = 0; i < h->ledger->fleet.count; i++) {
		struct listing l = {.h = h, .printer = (uint32_t)i};
		const struct archive_event_filter f = {
			.key = text_of(keys[i]), .max = LEDGER_EVENTS};
		assert_true(archive_view_events(view, &f, add_event, &l) >= 0);
	}
}

/* ---- comparing -------------------------------------------------------------------------- */

static int compare_event(const void *a, const void *b)
{
	const struct ledger_event *x = a, *y = b;
	if (x->printer != y->printer)
		return x->printer < y->printer ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->what != y->what)
		return x->what < y->what ? -1 : 1;
	return (x->to_ms > y->to_ms) - (x->to_ms < y->to_ms);
}

/* 0: the same event; else which of the two has no match. */
static int order_events(const struct ledger_event *ledger, const struct ledger_event *hub)
{
	struct ledger_event x = *ledger, y = *hub;
	x.to_ms = y.to_ms = 0;
	int order = compare_event(&x, &y);
	if (order != 0)
		return order;
	/* prtAlertTime may say more exactly when it was. */
	if (hub->to_ms > ledger->to_ms)
		return -1;
	return hub->to_ms < ledger->from_ms ? 1 : 0;
}

/* The space in a waste box is an event only where the printer says so too. */
static bool may_be_missing(const struct hub_events *w, const struct ledger_event *e)
{
	const struct ledger_printer *p = &w->ledger->of[e->printer];
	for (unsigned i = 0; i < p->supplies && e->kind <= LEDGER_REPLACED; i++) {
		if (p->supply[i].is_receptacle && ledger_what(p->supply[i].what, 0) == e->what)
			return true;
	}
	return false;
}

/* A supply whose level the truth block gives as a word has no place in the ledger: a vendor's table
 * may know it in percent. */
static bool is_listed(const struct hub_events *w, const struct ledger_event *e)
{
	const struct ledger_printer *p = &w->ledger->of[e->printer];
	bool is_listed = e->kind > LEDGER_REPLACED;
	for (unsigned i = 0; i < p->supplies; i++)
		is_listed = is_listed || ledger_what(p->supply[i].what, 0) == e->what;
	return is_listed;
}

static const char *const kind_names[] = {"low", "empty", "replaced", "alert", "reset", "other"};

static void show(const struct hub_events *w, const char *whose, const struct ledger_event *e)
{
	const struct ledger_printer *p = &w->ledger->of[e->printer];
	struct text what = TEXT("");
	for (unsigned i = 0; i < p->supplies; i++) {
		if (ledger_what(p->supply[i].what, 0) == e->what)
			what = p->supply[i].what;
	}
	print_message("%s only: printer %u (%s): %s %.*s %08x, hours %.2f to %.2f\n", whose,
		e->printer, p->printer->profile->name, kind_names[e->kind], TEXT_ARG(what), e->what,
		(double)(e->from_ms - LEDGER_START) / (double)LEDGER_HOUR,
		(double)(e->to_ms - LEDGER_START) / (double)LEDGER_HOUR);
}

struct difference hub_events_compare(struct hub_events *w, bool is_quiet)
{
	struct ledger *l = w->ledger;
	struct difference d = {.missing = 0};
	qsort(l->event, l->events, sizeof l->event[0], compare_event);
	qsort(w->event, w->events, sizeof w->event[0], compare_event);
	size_t i = 0, k = 0;
	while (i < l->events || k < w->events) {
		int order = i == l->events   ? 1
			    : k == w->events ? -1
					     : order_events(&l->event[i], &w->event[k]);
		if (order < 0 && !may_be_missing(w, &l->event[i]) && d.missing++ < SHOWN &&
			!is_quiet)
			show(w, "ledger", &l->event[i]);
		if (order > 0 && is_listed(w, &w->event[k]) && d.surplus++ < SHOWN && !is_quiet)
			show(w, "hub", &w->event[k]);
		d.of_kind[l->event[i < l->events ? i : 0].kind] += order == 0;
		i += order <= 0;
		k += order >= 0;
	}
	return d;
}
