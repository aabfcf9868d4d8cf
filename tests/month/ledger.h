/* SPDX-License-Identifier: Apache-2.0
 * The printers of the virtual month, and their ledger: what happens to them, by the simulator's
 * truth blocks and never by the collector's view of the rows. Printers work ten hours of five days
 * a week; outside of these the simulator's clock stands, so that a printer stays as it is. */
#ifndef PLATEN_TESTS_MONTH_LEDGER_H
#define PLATEN_TESTS_MONTH_LEDGER_H

#include "tools/sim/truth.h"

#include "proto/base/str.h"

enum {
	LEDGER_SUPPLIES = 16, /* of one printer */
	LEDGER_EVENTS = 600000
};

#define LEDGER_HOUR UINT64_C(3600000)
#define LEDGER_DAY (24 * LEDGER_HOUR)
#define LEDGER_START UINT64_C(1790553600000) /* Monday 2026-09-28 00:00 UTC */

enum ledger_kind {
	LEDGER_LOW,
	LEDGER_EMPTY,
	LEDGER_REPLACED,
	LEDGER_ALERT,
	LEDGER_RESET,
	LEDGER_KINDS
};

/* One event, of the ledger or of the hub. It was so at to_ms and not yet at from_ms. */
struct ledger_event {
	uint32_t printer;
	uint8_t kind;  /* enum ledger_kind */
	uint32_t what; /* CRC of the supply's description, or of the alert's, and its code */
	uint64_t from_ms, to_ms;
};

struct ledger_supply {
	uint32_t device, index;
	uint16_t left;     /* variable of what is left */
	uint16_t replaced; /* variable of how often it was replaced */
	uint16_t value;    /* variable of the level */
	uint32_t max;
	bool is_receptacle;
	struct text what;
	/* so far */
	uint32_t replacements;
	bool is_low, is_empty;
	uint64_t event_ms; /* of its last event */
};

struct ledger_printer {
	struct printer *printer;
	struct ledger_supply supply[LEDGER_SUPPLIES];
	unsigned supplies;
	bool is_known;
	uint64_t before_ms;           /* of the poll before */
	uint64_t conds;               /* then */
	uint64_t from_ms;             /* of the simulator's span then */
	uint8_t total[LIMIT_OID_BER]; /* the object of impressions_total */
	size_t total_len;
	uint32_t total_var;
	/* what is planted */
	uint32_t total_base; /* taken from the total since the board was exchanged; 0: it was not */
	int false_zero;      /* supply whose level is 0 in this poll; -1 none */
	unsigned quiet;      /* polls since the last false zero */
};

struct ledger {
	struct fleet fleet;
	struct truth truth;
	struct ledger_printer *of; /* fleet.count */
	struct ledger_event *event;
	size_t events;
	bool is_plain;     /* see ledger_open_plain */
	bool is_zero_held; /* the control: false zeros last for two polls */
	size_t states;     /* states that began: sleep and the like; no events */
};

void ledger_open(struct ledger *l, size_t printers);
/* Supplies last as long as in the profiles, and nothing is planted. */
void ledger_open_plain(struct ledger *l, size_t printers);
void ledger_close(struct ledger *l);

/* The simulator's time at a wall time. */
uint64_t ledger_sim_ms(uint64_t wall_ms);

/* Plants what this poll shows wrongly, and writes what happened since the poll before. Returns
 * false if nothing that a printer shows differs from then. */
bool ledger_poll(struct ledger *l, size_t printer, uint64_t wall_ms);

/* The rows of the printer at that time, for one poll. The bytes live in `arena`. */
void ledger_rows(struct ledger *l, size_t printer, uint64_t wall_ms, struct recording *rows);

/* Wall days from `wall_ms` until each supply is empty; negative: not within half a year, or empty
 * now. */
void ledger_days_left(
	struct ledger *l, size_t printer, uint64_t wall_ms, double days[LEDGER_SUPPLIES]);

uint32_t ledger_what(struct text description, int code);

#endif
