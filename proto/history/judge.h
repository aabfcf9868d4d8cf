/* SPDX-License-Identifier: Apache-2.0
 * Judgement over time: what the last and the new reading of a device mean together. Pure: the same
 * readings in the same order give the same events; a reading that is judged twice gives none the
 * second time. Where nothing but the two readings is needed, nothing but these is looked at; what
 * has to be remembered beyond is a small state for each device (struct judge_state).
 *
 * What is missing from a group that was read in part is no news: alerts and firmware are judged
 * between two complete readings; of meters and supplies, which the state remembers, what is there.
 * Times are Unix milliseconds of the readings, never of the judging. An event says between which
 * two readings it happened: from_ms is when the old state was last seen, to_ms when the new one was
 * first seen.
 *
 * Order of calls for one new reading, whose groups win over what was known: judge_meters,
 * judge_supplies, judge_alerts, judge_firmware, in any order, each for its group. */
#ifndef PLATEN_HISTORY_JUDGE_H
#define PLATEN_HISTORY_JUDGE_H

#include "proto/base/buf.h"
#include "proto/base/limits.h"
#include "proto/reading/reading.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum judge_kind {
	JUDGE_METER_RESET,      /* a meter began anew: lower, and confirmed by a second reading */
	JUDGE_METER_JUMP,       /* a meter rose faster than paper moves, and that was confirmed */
	JUDGE_SUPPLY_LOW,       /* once a cycle */
	JUDGE_SUPPLY_EMPTY,     /* once a cycle */
	JUDGE_SUPPLY_REPLACED,  /* a new cycle begins */
	JUDGE_FIRMWARE_CHANGED, /* one for each module */
	JUDGE_ALERT_RAISED,
	JUDGE_ALERT_CLEARED,
	JUDGE_MOVED,    /* the device answers from another address */
	JUDGE_STRANGER, /* another device answers from an address that was known */
	JUDGE_KIND_COUNT
};

struct judge_event {
	uint8_t kind; /* enum judge_kind */
	uint64_t from_ms;
	uint64_t to_ms;
	uint64_t key;     /* tells it from others of its kind on the device */
	struct text what; /* meter, supply or module; views into the readings */
	struct text old_text, new_text;
	bool has_old_number, has_new_number; /* else the texts say it, or it is not known */
	uint64_t old_number, new_number;     /* meters: counts; supplies: hundredths of a percent */
	uint32_t cycle;                      /* supplies */
	const struct alert *alert;
};

enum { JUDGE_EVENTS = 256, JUDGE_SUSPECTS = 32, JUDGE_SAMPLES = 8 };

_Static_assert(JUDGE_EVENTS >= LIMIT_METERS && JUDGE_EVENTS >= 2 * LIMIT_ALERTS &&
		       JUDGE_EVENTS >= 3 * LIMIT_SUPPLIES && JUDGE_EVENTS >= LIMIT_FIRMWARE,
	"whatever one group of one reading means fits");

struct judge_events {
	struct judge_event event[JUDGE_EVENTS];
	unsigned count;
	unsigned dropped; /* more than fit: counted, never silent */
};

/* ---- state ------------------------------------------------------------------------------ */

/* The last value of a meter that was believed. */
struct judge_good {
	uint64_t key;
	uint64_t value;
	uint64_t at_ms;
};

/* A meter whose last value is not believed yet. */
struct judge_suspect {
	uint64_t key;
	uint64_t good;       /* the last value that is billed ... */
	uint64_t good_at_ms; /* ... and when it was read */
	uint64_t seen;       /* the value that is not believed */
	uint64_t seen_at_ms;
};

/* A point of a supply's way down. */
struct judge_sample {
	uint64_t at_ms;
	uint32_t percent_x100;
	uint64_t pages; /* the printer's total then; 0 not known */
};

struct judge_supply {
	uint32_t device, index;
	uint32_t cycle;       /* replacements seen */
	uint32_t lowest_x100; /* of this cycle */
	uint32_t serial_crc;  /* of its serial number; 0 none was told */
	uint64_t seen_at_ms;
	bool has_share; /* lowest_x100 is set */
	bool is_low;
	bool is_empty;
	bool is_some; /* it was empty by its word, and "some" is left now: seen once */
	uint8_t samples;
	struct judge_sample sample[JUDGE_SAMPLES]; /* oldest first */
};

struct judge_state {
	unsigned goods;
	unsigned suspects;
	unsigned supplies;
	struct judge_good good[LIMIT_METERS];
	struct judge_suspect suspect[JUDGE_SUSPECTS];
	struct judge_supply supply[LIMIT_SUPPLIES];
};

/* msgpack; 0 or ERR_FULL. An empty state packs to almost nothing. */
int judge_state_pack(struct buf *dst, const struct judge_state *s) MUST_USE;
/* 0, or ERR_FORMAT/ERR_SHORT/ERR_LIMIT: then *s is empty. */
int judge_state_unpack(struct judge_state *s, const uint8_t *bytes, size_t len) MUST_USE;
/* The most that a packed state needs. */
#define JUDGE_STATE_BYTES 24576

/* ---- meters ----------------------------------------------------------------------------- */

/* Meters only rise. A value below the last good one is suspect; it is a reset when the next reading
 * shows the same or more, and not 0: a 0 after more than 0 is never believed. One that is back at
 * the old value or above was a slip. A 32-bit counter that wraps is not lower: near 2^32 before,
 * small now, and the difference is one that paper could make in that time. A rise that no paper
 * could make (more than JUDGE_PAGES_PER_MINUTE, or half more than the rated speed) is suspect in
 * the same way; of counters of other things than pages, such as hours or lines, only one of more
 * than 2^30. The state remembers each meter's last good value, so that a reading in part, or a row
 * that is missing once, forgets nothing; `old` is for meters that the state does not know (NULL:
 * the device was never seen). */
#define JUDGE_PAGES_PER_MINUTE 1000
#define JUDGE_PAGES_SLACK 2000
void judge_meters(struct judge_state *s, const struct reading *old, uint64_t old_at_ms,
	const struct reading *now, uint64_t now_ms, struct judge_events *out);

/* What tells meters of one device apart: name, label and source. */
uint64_t judge_meter_key(const struct meter *m);
/* The suspicion under which this meter is, or NULL: its value is good. */
const struct judge_suspect *judge_suspect_of(const struct judge_state *s, const struct meter *m);
/* The value that counts: the last good one while the meter is under suspicion. */
uint64_t judge_billed(const struct judge_state *s, const struct meter *m);
/* Marks the suspect meters of a reading that is shown. */
void judge_mark(const struct judge_state *s, struct reading *r);

/* The pages that lie between two values of a 32-bit counter that only rises. */
uint64_t judge_counter_delta(uint64_t before, uint64_t after);

/* ---- supplies --------------------------------------------------------------------------- */

/* Low at threshold_x100 (hundredths of a percent) or below, once a cycle; jitter around it is
 * nothing. Replaced: up by JUDGE_RISE_X100 or more from the lowest of the cycle and above the
 * threshold; or another serial number; or, where there are no numbers, from empty or low to "ok",
 * or from empty to "some" in two readings one after the other (RFC 3805's -3 for what has nothing
 * finer to say). A low that came as a word counts as one at the threshold when numbers follow.
 * Levels that say nothing (else "some", unknown, unlimited) are no news. */
#define JUDGE_LOW_X100 1000
#define JUDGE_RISE_X100 2000
void judge_supplies(struct judge_state *s, const struct reading *now, uint64_t now_ms,
	uint32_t threshold_x100, uint64_t pages, struct judge_events *out);

const struct judge_supply *judge_supply_of(
	const struct judge_state *s, const struct supply *supply);

/* Days, and pages, until it is empty, by its way so far in this cycle. Negative: the history does
 * not say (less than two days or two points of a percent, or no way down). */
double judge_days_left(const struct judge_supply *s);
double judge_pages_left(const struct judge_supply *s);

/* ---- alerts, firmware, identity --------------------------------------------------------- */

/* An alert is the same as long as device, group, group index, code and location are; its row may
 * move. One that is there several times counts as often. `old` NULL: none is known, all are raised,
 * some time since old_at_ms (0: not known since when). prtAlertTime makes the interval a point
 * where it lies in it. */
void judge_alerts(const struct reading *old, uint64_t old_at_ms, const struct reading *now,
	uint64_t now_ms, struct judge_events *out);
uint64_t judge_alert_key(const struct alert *a);

/* Modules that both readings name, with other versions. */
void judge_firmware(const struct reading *old, uint64_t old_at_ms, const struct reading *now,
	uint64_t now_ms, struct judge_events *out);

/* A serial number as it names a device: without blanks and leading zeros, which some sources put in
 * front of it, in upper case. Empty if it names none: shorter than 4, one character over and over,
 * or a word that stands for none ("Unknown", "12345678"). dst has room for LIMIT_TEXT_SHORT + 1.
 * Returns the length. */
size_t judge_serial(char *dst, size_t cap, struct text serial);

const char *judge_kind_name(enum judge_kind kind);

/* Between the files of proto/history/judge: the next event, or NULL (counted as dropped). */
struct judge_event *judge_add(struct judge_events *out, enum judge_kind kind, uint64_t from_ms,
	uint64_t to_ms, uint64_t key);

#endif
