/* SPDX-License-Identifier: Apache-2.0
 * The synthetic printers and the value of each of their rows at any time.
 *
 * A row's value is a pure function of (seed, printer number, time), overridden by the changes made
 * through the control socket, each with its time. Past values are therefore computed, not recorded.
 * Times are Unix milliseconds.
 *
 * Between two changes a printer is constant except for its clocks: such a span is a struct instant.
 * fleet_now keeps the current one of each printer. */
#ifndef PLATEN_SIM_FLEET_H
#define PLATEN_SIM_FLEET_H

#include "proto/base/err.h"
#include "tools/sim/traffic.h"
#include "tools/sim/addresses.h"
#include "tools/sim/profile.h"

#include <stddef.h>
#include <stdint.h>

enum {
	FLEET_PRINTERS = 100000,
	FLEET_PROFILES = 256,
	FLEET_CHANGES = 200000,     /* of one printer */
	FLEET_CHANGES_ALL = 4000000 /* of all printers */
};

enum change_kind { CHANGE_SET, CHANGE_ADVANCE, CHANGE_STOP, CHANGE_START, CHANGE_REBOOT };

/* Types of CHANGE_SET besides those of SNMP: remove the row; remove the override. */
enum { SET_ABSENT = 0, SET_LIVE = 0xff };

struct change {
	uint64_t at_ms;
	uint8_t kind;         /* enum change_kind */
	uint8_t type;         /* SET: enum ber_type, SET_ABSENT or SET_LIVE */
	uint8_t basis;        /* ADVANCE */
	uint8_t oid_len;      /* SET */
	uint16_t len;         /* SET */
	uint32_t pages;       /* ADVANCE; REBOOT: pages printed when it went down */
	const uint8_t *bytes; /* SET: name, then value; owned by the history */
};

/* The current value set for a row. Sorted by name. */
struct override {
	struct oid_ber oid;
	uint8_t type;
	uint16_t len;
	const uint8_t *value;
};

struct history {
	struct change *list; /* in order of time */
	size_t count, cap;
	struct override *now; /* after the last change */
	size_t now_count, now_cap;
};

/* Kinds of the command "break". */
enum broken {
	BROKEN_NOT,
	BROKEN_GARBAGE,  /* random bytes */
	BROKEN_CUT,      /* half of the response */
	BROKEN_TOO_BIG,  /* error-status tooBig */
	BROKEN_GEN_ERR,  /* error-status genErr */
	BROKEN_WRONG_ID, /* another request-id */
	BROKEN_LOOP,     /* GETNEXT and GETBULK return the requested row, not the next */
	BROKEN_TWICE,    /* each response is sent twice */
	BROKEN_COUNT
};
extern const char *const broken_names[BROKEN_COUNT];

enum { ENGINE_ID = 32 };

/* Its SNMPv3 engine. */
struct engine {
	uint8_t id[ENGINE_ID];
	uint8_t len;
	uint8_t response_level; /* security level of all responses, plus 1; 0: the request's */
	int64_t boots_shift;    /* added to the boots that follow from its history */
	int64_t time_shift_s;   /* added to the seconds since it booted */
};

struct faults; /* faults.h */

struct printer {
	const struct profile *profile;
	struct faults *faults;      /* NULL: none */
	struct history *history;    /* NULL: no changes */
	uint64_t id;                /* random, from the seed */
	uint64_t from_ms, until_ms; /* span in which `conds` and its fleet.vars are valid */
	uint64_t conds;
	uint64_t boot_ms;     /* at the epoch */
	uint64_t boot_now_ms; /* in the current span */
	uint32_t phase_ms;    /* offset of its jobs in the job interval */
	uint32_t jobs_before; /* jobs done at the epoch */
	uint32_t slow_ms;     /* added to the latency */
	uint8_t broken;       /* enum broken */
	bool is_silent;       /* by an option, from the start */
	bool is_up;           /* in the current span */
	bool has_overrides;
	char serial[PROFILE_NAME];
	struct engine engine;
};

struct fleet {
	struct printer *printers;
	struct traffic *traffic; /* one each */
	uint32_t *vars;          /* `stride` numbers per printer, valid in its current span */
	size_t stride;
	size_t count;  /* printers, then other devices */
	size_t others; /* number of the other devices */
	struct addresses addresses;
	uint64_t seed;
	uint64_t epoch_ms;
	uint64_t job_interval_ms; /* 0: no jobs, no value changes */
	size_t changes;           /* total of all printers */
};

struct fleet_options {
	size_t printers;
	size_t others;                      /* other devices, numbered behind the printers */
	struct addresses_options addresses; /* fleet_open sets count and seed */
	uint64_t seed;
	uint64_t epoch_ms;
	uint64_t job_interval_ms;
	const struct profile *const *profiles; /* printer i has profile i modulo `profile_count` */
	size_t profile_count;
	const struct profile *const *other_profiles; /* of the other devices, in turn */
	size_t other_count;
};

/* 0, -ENOMEM, or an error of addresses_open. */
int fleet_open(struct fleet *f, const struct fleet_options *o) MUST_USE;
void fleet_close(struct fleet *f);

static inline size_t fleet_number(const struct fleet *f, const struct printer *p)
{
	return (size_t)(p - f->printers);
}

/* A span in which only clocks change. */
struct instant {
	uint64_t from_ms, until_ms; /* [from, until) */
	uint64_t conds;
	uint64_t boot_ms;
	uint32_t vars[PROFILE_VARS];
	size_t changes; /* number of changes made before */
	bool is_up;     /* it responds */
};

/* The printer's state at `at_ms`, after the first `changes` of its history. */
void fleet_at(const struct fleet *f, const struct printer *p, uint64_t at_ms, size_t changes,
	struct instant *ret);

/* Number of changes in the printer's history before `at_ms`, or up to and including it. */
size_t fleet_changes_before(const struct printer *p, uint64_t at_ms);
size_t fleet_changes_until(const struct printer *p, uint64_t at_ms);

/* Computes the span of `now_ms` and its fleet.vars. */
void fleet_renew(struct fleet *f, struct printer *p, uint64_t now_ms);

static inline const uint32_t *fleet_now(struct fleet *f, struct printer *p, uint64_t now_ms)
{
	if (now_ms >= p->until_ms || now_ms < p->from_ms)
		fleet_renew(f, p, now_ms);
	return f->vars + fleet_number(f, p) * f->stride;
}

/* Adds a change; its bytes are copied. 0, ERR_FULL or -ENOMEM. */
int fleet_change(struct fleet *f, struct printer *p, const struct change *c) MUST_USE;

/* The last of the first `changes` changes that set this name; its type may be SET_ABSENT. NULL if
 * none. */
const struct change *fleet_was_set(const struct printer *p, struct oid_ber oid, size_t changes);

/* Index of the first override at or behind the name. */
size_t fleet_find_override(const struct history *h, struct oid_ber oid);

/* The inputs of a row's value. */
struct moment {
	uint64_t now_ms, boot_ms, from_ms;
	uint64_t conds;
	const uint32_t *vars;
};

/* Contents bytes of a row's value; at most PROFILE_VALUE. */
size_t fleet_row_value(const struct fleet *f, const struct printer *p, const struct row *r,
	const struct moment *m, uint8_t dst[PROFILE_VALUE]);

/* The six bytes of its MAC; returns 6. */
size_t fleet_mac(const struct fleet *f, const struct printer *p, uint8_t dst[6]);

/* Gives the printer an engineID of its own: vendor's number, then its MAC or octets. engine.c */
void engine_make(const struct fleet *f, struct printer *p);
/* snmpEngineBoots and snmpEngineTime; `vars` as from fleet_now. */
uint32_t engine_boots(const struct printer *p, const uint32_t *vars);
uint32_t engine_time(const struct printer *p, uint64_t now_ms, uint64_t boot_ms);

/* Deterministic pseudo-random number of a and b. */
uint64_t fleet_hash(uint64_t a, uint64_t b);

#endif
