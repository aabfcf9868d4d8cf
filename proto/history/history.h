/* SPDX-License-Identifier: Apache-2.0
 * Evaluation over time: what the last and the new reading of a device mean together. Pure: the same
 * readings in the same order give the same events; a reading that is evaluated twice gives none the
 * second time. Where nothing but the two readings is needed, nothing but these is looked at; what
 * has to be remembered beyond is a small state for each device (struct history_state).
 *
 * A row that is missing from a group that was read in part is no event: alerts and firmware are
 * evaluated between two complete readings; of meters and supplies, which the state keeps, the
 * rows that are present. Times are Unix milliseconds of the readings, never of the evaluation. An
 * event says between which two readings it happened: from_ms is when the old state was last seen,
 * by its record or by the group's before_at_ms, to_ms when the new one was first seen.
 *
 * Order of calls for one new reading, whose groups win over what was known: history_meters,
 * history_supplies, history_alerts, history_errors, history_firmware, in any order, each for its
 * group; before the first of them history_note_witness. */
#ifndef PLATEN_HISTORY_HISTORY_H
#define PLATEN_HISTORY_HISTORY_H

#include "proto/base/buf.h"
#include "proto/base/limits.h"
#include "proto/reading/reading.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum history_kind {
	HISTORY_METER_RESET,      /* a meter began anew: lower, and confirmed by a second reading */
	HISTORY_METER_JUMP,       /* a meter rose faster than paper moves, and that was confirmed */
	HISTORY_SUPPLY_LOW,       /* once a cycle */
	HISTORY_SUPPLY_EMPTY,     /* once a cycle */
	HISTORY_SUPPLY_REPLACED,  /* a new cycle begins */
	HISTORY_FIRMWARE_CHANGED, /* one for each module */
	HISTORY_ALERT_RAISED,
	HISTORY_ALERT_CLEARED,
	HISTORY_MOVED,        /* the device answers from another address */
	HISTORY_OTHER_DEVICE, /* another device answers from an address that was known */
	HISTORY_KIND_COUNT
};

struct history_event {
	uint8_t kind; /* enum history_kind */
	uint64_t from_ms;
	uint64_t to_ms;
	uint64_t key;     /* tells it from others of its kind on the device */
	struct text what; /* meter, supply or module; views into the readings */
	struct text old_text, new_text;
	bool has_old_number, has_new_number; /* else the texts say it, or it is not known */
	uint64_t old_number, new_number;     /* meters: counts; supplies: hundredths of a percent */
	uint32_t cycle;                      /* supplies */
	const struct supply *supply;         /* of the reading; NULL: no supply */
	const struct alert *alert;
};

enum { HISTORY_EVENTS = 256, HISTORY_SUSPECTS = 32 };

_Static_assert(HISTORY_EVENTS >= LIMIT_METERS && HISTORY_EVENTS >= 2 * LIMIT_ALERTS &&
		       HISTORY_EVENTS >= 3 * LIMIT_SUPPLIES && HISTORY_EVENTS >= LIMIT_FIRMWARE,
	"whatever one group of one reading means fits");

struct history_events {
	struct history_event event[HISTORY_EVENTS];
	unsigned count;
};

/* ---- state ------------------------------------------------------------------------------ */

/* The last accepted value of a meter. */
struct history_good {
	uint64_t key;
	uint64_t value;
	uint64_t at_ms;
};

/* A meter whose last value is not accepted yet. */
struct history_suspect {
	uint64_t key;
	uint64_t good;       /* the last value that is billed ... */
	uint64_t good_at_ms; /* ... and when it was read */
	uint64_t seen;       /* the value that is not accepted */
	uint64_t seen_at_ms;
};

/* A day (UTC) on which the supplies or the total of pages were read. */
struct history_day {
	uint64_t day;   /* since 1970 */
	uint64_t pages; /* history_state.pages_made at its close; 0 unknown */
};

#define HISTORY_NO_LEVEL UINT32_MAX

/* Levels are in hundredths of a percent. */
struct history_supply {
	uint32_t device, index;
	uint32_t cycle;       /* replacements seen */
	uint32_t lowest_x100; /* of this cycle */
	uint32_t last_x100;   /* the last accepted level */
	uint32_t used_x100;   /* the way down over all cycles, from HISTORY_USED_START on */
	uint32_t serial_crc;  /* of its serial number; 0 unknown */
	uint32_t part_crc;    /* of its part number and capacity; 0 unknown */
	uint64_t seen_at_ms;
	uint64_t zero_at_ms; /* a level of 0 that nothing has confirmed yet was read then; 0 none */
	bool has_share;      /* lowest_x100 and last_x100 are set */
	bool is_low;
	bool is_empty;
	bool is_some; /* it was empty by its word, and "some" is left now: seen once */
	uint32_t closing_x100[LIMIT_HISTORY_DAYS]; /* used_x100 at the close of history_state.day;
						      HISTORY_NO_LEVEL: unknown */
};

/* The evidence for a level of 0, from the last complete groups. */
struct history_witness {
	uint16_t errors;  /* as in struct printer_state */
	uint64_t rows[4]; /* bit n: an alert says that supply n is low, used up or full */
};

struct history_state {
	unsigned goods;
	unsigned suspects;
	unsigned supplies;
	unsigned days;
	uint64_t pages_last; /* the printer's total; 0 unknown */
	uint64_t pages_made; /* since the first reading, from 1 on, over totals that began anew */
	struct history_witness witness;
	uint16_t open_errors; /* bits as in struct printer_state that are open events */
	bool has_alert_rows;  /* its alert table has had events */
	struct history_good good[LIMIT_METERS];
	struct history_suspect suspect[HISTORY_SUSPECTS];
	struct history_supply supply[LIMIT_SUPPLIES];
	struct history_day day[LIMIT_HISTORY_DAYS]; /* oldest first */
};

/* msgpack; 0 or ERR_FULL. An empty state packs to almost nothing. */
int history_state_pack(struct buf *dst, const struct history_state *s) MUST_USE;
/* 0, or ERR_FORMAT/ERR_SHORT/ERR_LIMIT: then *s is empty. */
int history_state_unpack(struct history_state *s, const uint8_t *bytes, size_t len) MUST_USE;
/* The most that a packed state needs. */
#define HISTORY_STATE_BYTES 32768

/* ---- meters ----------------------------------------------------------------------------- */

/* Meters only rise. A value below the last good one is suspect; it is a reset when the next reading
 * shows the same or more, and not 0: a 0 after more than 0 is never accepted. One that is back at
 * the old value or above was a slip. A 32-bit counter that wraps is not lower: near 2^32 before,
 * small now, and the difference is one that paper could make in that time. A rise that no paper
 * could make (more than HISTORY_PAGES_PER_MINUTE, or half more than the rated speed) is suspect in
 * the same way; of counters of other things than pages, such as hours or lines, only one of more
 * than 2^30. The state remembers each meter's last good value, so that a reading in part, or a row
 * that is missing once, forgets nothing; `old` is for meters that the state does not know (NULL:
 * the device was never seen). */
#define HISTORY_PAGES_PER_MINUTE 1000
#define HISTORY_PAGES_SLACK 2000
void history_meters(struct history_state *s, const struct reading *old, uint64_t old_at_ms,
	const struct reading *now, uint64_t now_ms, struct history_events *out);

/* The suspicion under which this meter is, or NULL: its value is good. */
const struct history_suspect *history_suspect_of(
	const struct history_state *s, const struct meter *m);
/* The value that counts: the last good one while the meter is under suspicion. */
uint64_t history_billed(const struct history_state *s, const struct meter *m);
/* Marks the suspect meters of a reading that is shown. */
void history_mark(const struct history_state *s, struct reading *r);

/* ---- supplies --------------------------------------------------------------------------- */

/* Low at its threshold or below, once a cycle; jitter around it is no event. Replaced: up by
 * HISTORY_RISE_X100 or more from the lowest of the cycle and above the threshold; or another serial
 * number; or, where there are no numbers, from empty or low to "ok", or from empty to "some" in two
 * readings one after the other (RFC 3805's -3 for what has nothing finer to say). A low that came
 * as a word counts as one at the threshold when numbers follow. Levels that say nothing (else
 * "some", unknown, unlimited) are no events.
 *
 * A level of 0 alone means nothing: printers report it while they start, or while a door is open.
 * It counts when the next reading repeats it, or when an alert row of that supply or noToner of
 * hrPrinterDetectedErrorState says the same (history_witness). Until then the supply is as before.
 */
#define HISTORY_LOW_X100 1000
#define HISTORY_RISE_X100 2000

/* When a supply is low, in hundredths of a percent. */
struct history_threshold {
	char site[LIMIT_TEXT + 1]; /* "": any */
	uint8_t type;              /* PrtMarkerSuppliesTypeTC; 0 any */
	uint32_t x100;
};
struct history_thresholds {
	uint32_t preset_x100; /* of everything that no entry names */
	unsigned count;
	struct history_threshold entry[LIMIT_SUPPLY_THRESHOLDS];
};
/* The threshold of a type of supply at a site: an entry with site and type, else of the site, else
 * of the type, else the preset; among equals the first. `t` NULL: HISTORY_LOW_X100. */
uint32_t history_threshold_of(const struct history_thresholds *t, struct text site, unsigned type);

struct history_context {
	const struct history_thresholds *thresholds; /* NULL: HISTORY_LOW_X100 for all */
	struct text site;
	uint64_t pages; /* the printer's total in this reading; 0 unknown */
};

/* Before history_supplies: what the alerts and the state of this reading say of its supplies.
 * Groups that it does not hold complete leave what is known. True if anything changed. */
bool history_note_witness(struct history_state *s, const struct reading *now);

void history_supplies(struct history_state *s, const struct reading *now, uint64_t now_ms,
	const struct history_context *c, struct history_events *out);

const struct history_supply *history_supply_of(
	const struct history_state *s, const struct supply *supply);

/* Whether a level of 0 read at now_ms waits for another reading. */
bool history_awaits_second(const struct history_state *s, uint64_t now_ms);

/* A reading whose supplies are unchanged says how many pages were made (0: unknown). */
void history_pages(struct history_state *s, uint64_t now_ms, uint64_t pages);

/* ---- how long a supply lasts ------------------------------------------------------------ */

/* From the closing levels of at most HISTORY_WINDOW_DAYS days, over replacements of the same part:
 * the weighted median of the slopes between days on which the level moved (Theil-Sen), by pages
 * where the printer counts them, and the median of pages per day over whole weeks. The pace of each
 * weekday is followed from the last reading on. Unknown until HISTORY_MIN_DAYS days and
 * HISTORY_MIN_USED_X100 of use are in the window. */
enum {
	HISTORY_WINDOW_DAYS = 30,
	HISTORY_MIN_DAYS = 5,
	HISTORY_MIN_USED_X100 = 300,
	HISTORY_MAX_DAYS = 3650, /* more is unknown, and the most that days_max says */
	HISTORY_USED_START = 10000
};

struct history_estimate {
	bool is_known;
	bool has_pages;            /* `pages` is set */
	double days;               /* from the last reading of the supplies until it is empty */
	double days_min, days_max; /* at the 90th and the 10th percentile of the pace */
	double pages;
	unsigned basis_days; /* the days between the first and the last of the points */
	unsigned points;     /* closing levels that were used */
};

/* `supply` is of `s`, or NULL: unknown. */
void history_estimate(struct history_estimate *ret, const struct history_state *s,
	const struct history_supply *supply);

/* ---- alerts, firmware, identity --------------------------------------------------------- */

/* Rows that are a state (alert_kind) are no events; a row that becomes one, or ceases to be one,
 * begins or ends then. An alert is the same as long as device, group, group index, code and
 * location are; its row may move. One that is there several times counts as often. `old` NULL: none
 * is known, all are raised, some time since old_at_ms (0: not known since when). prtAlertTime makes
 * the interval a point where it lies in it. */
void history_alerts(const struct reading *old, uint64_t old_at_ms, const struct reading *now,
	uint64_t now_ms, struct history_events *out);

/* Errors of the state that began or ended, of a printer whose alert table has had no event (see
 * history_note_witness): by SNMP or IPP. */
void history_errors(struct history_state *s, uint64_t old_at_ms, const struct reading *now,
	uint64_t now_ms, struct history_events *out);
/* Whether this is the key of such an event, not of an alert row. */
bool history_is_error(uint64_t key);

/* Modules that both readings name, with other versions. */
void history_firmware(const struct reading *old, uint64_t old_at_ms, const struct reading *now,
	uint64_t now_ms, struct history_events *out);

/* ---- which changes count ---------------------------------------------------------------- */

/* Whether the change of a group from `old` to `now` has to be evaluated, both states of it: it may
 * be an event. Else a later state of the group says all that this one does. `old` NULL: none is
 * known. Supplies are compared with HISTORY_LOW_X100. A rise of a meter counts from what paper can
 * reach at the rated speed on, without the slack of history_meters, so that the rises between
 * several readings never add up to more than that. */
enum {
	HISTORY_COUNTS = 1,
	HISTORY_AWAITS = 2 /* and the next state of the group counts too: it may be confirmed */
};
unsigned history_counts(enum reading_group g, const struct reading *old, uint64_t old_at_ms,
	const struct reading *now, uint64_t now_ms);

/* A serial number as it names a device: without blanks and leading zeros, which some sources put in
 * front of it, in upper case. Empty if it names none: shorter than 4, one character over and over,
 * or a word that stands for none ("Unknown", "12345678"). dst has room for LIMIT_TEXT_SHORT + 1.
 * Returns the length. */
size_t history_serial(char *dst, size_t cap, struct text serial);

const char *history_kind_name(enum history_kind kind);

/* Between the files of proto/history/history: the next event. NULL: there is no room, which
 * no group of one reading needs (the assertion at HISTORY_EVENTS). */
struct history_event *history_add(struct history_events *out, enum history_kind kind,
	uint64_t from_ms, uint64_t to_ms, uint64_t key);
/* history_counts of one group; `old` is never NULL but for alerts and errors. */
unsigned history_meters_count(
	const struct reading *old, uint64_t old_at_ms, const struct reading *now, uint64_t now_ms);
unsigned history_supplies_count(const struct reading *old, const struct reading *now);
unsigned history_first_supplies_count(const struct reading *now);
unsigned history_alerts_count(const struct reading *old, const struct reading *now);
unsigned history_errors_count(const struct reading *old, const struct reading *now);
/* The rows that say of a supply that it is low, used up or full. */
void history_note_rows(struct history_witness *w, const struct reading *now);
/* The place of now_ms in s->day, which is made if it is new; -1: older than what is stored. */
int history_open_day(struct history_state *s, uint64_t now_ms, uint64_t pages);

#endif
