/* SPDX-License-Identifier: Apache-2.0
 * Events of printers that have no alert rows, from hrPrinterDetectedErrorState, which IPP's
 * printer-state-reasons are mapped to. */
#include "proto/history/history.h"

enum { ERRORS = 16 };

/* PrtAlertSeverityLevelTC, PrtAlertGroupTC */
enum { CRITICAL = 3, WARNING = 4 };
enum { GENERAL = 5, COVER = 6, INPUT = 8, OUTPUT = 9, SUPPLIES = 11, PATH = 13 };

/* The alerts that the bits stand for. lowPaper(0), lowToner(2), offline(6), outputNearFull(11) and
 * inputTrayEmpty(13) stop nothing: no events. */
static const struct alert alerts[ERRORS] = {
	[1] = {.severity = CRITICAL, .group = INPUT, .code = 808},
	[3] = {.severity = CRITICAL, .group = SUPPLIES, .code = 1101},
	[4] = {.severity = CRITICAL, .group = COVER, .code = 3},
	[5] = {.severity = CRITICAL, .group = PATH, .code = 8},
	[7] = {.severity = CRITICAL, .group = GENERAL, .code = 29},
	[8] = {.severity = CRITICAL, .group = INPUT, .code = 801},
	[9] = {.severity = CRITICAL, .group = OUTPUT, .code = 901},
	[10] = {.severity = CRITICAL, .group = SUPPLIES, .code = 1115},
	[12] = {.severity = CRITICAL, .group = OUTPUT, .code = 903},
	[14] = {.severity = WARNING, .group = GENERAL, .code = 10},
};

/* No hash of an alert row is that small. */
static uint64_t key_of(unsigned bit)
{
	return bit + 1;
}

bool history_is_error(uint64_t key)
{
	return key >= 1 && key <= ERRORS;
}

void history_errors(struct history_state *s, uint64_t old_at_ms, const struct reading *now,
	uint64_t now_ms, struct history_events *out)
{
	if (!now->state.has_errors)
		return;
	for (unsigned bit = 0; bit < ERRORS; bit++) {
		uint16_t mask = (uint16_t)(0x8000u >> bit);
		bool is_now = (now->state.errors & mask) != 0, was = (s->open_errors & mask) != 0;
		/* The rows of the alert table say it better; what is open still ends. */
		if (alerts[bit].code == 0 || is_now == was || (is_now && s->has_alert_rows))
			continue;
		s->open_errors ^= mask;
		struct history_event *e =
			history_add(out, is_now ? HISTORY_ALERT_RAISED : HISTORY_ALERT_CLEARED,
				old_at_ms, now_ms, key_of(bit));
		if (e == NULL)
			continue;
		e->alert = &alerts[bit];
		e->what = text_of(error_bit_name(bit));
	}
}

unsigned history_errors_count(const struct reading *old, const struct reading *now)
{
	uint16_t was = old != NULL && old->state.has_errors ? old->state.errors : 0;
	uint16_t is = now->state.has_errors ? now->state.errors : 0;
	uint16_t changed = (uint16_t)(was ^ is);
	if (old != NULL && old->state.has_errors != now->state.has_errors)
		return HISTORY_COUNTS;
	for (unsigned bit = 0; bit < ERRORS; bit++) {
		/* noToner, which confirms a level of 0, is one of them. */
		if (alerts[bit].code != 0 && (changed & 0x8000u >> bit) != 0)
			return HISTORY_COUNTS;
	}
	return 0;
}
