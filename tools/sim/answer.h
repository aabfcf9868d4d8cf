/* SPDX-License-Identifier: Apache-2.0
 * From a request to its answer: SNMPv1 (RFC 1157), SNMPv2c (RFC 3416) and SNMPv3 (RFC 3412, 3414)
 * GET, GETNEXT, GETBULK. Nothing here knows sockets.
 *
 * Thousands of printers are asked the same questions, so what a question means is worked out once
 * for a profile (a plan: runs of bytes to copy, and the rows whose value comes in between) and
 * found again by the bytes of the request behind its request-id. Printers with values of their own
 * go the same way without keeping the plan. */
#ifndef PLATEN_SIM_ANSWER_H
#define PLATEN_SIM_ANSWER_H

#include "proto/base/err.h"
#include "tools/sim/fleet.h"
#include "tools/sim/users.h"

#include <stddef.h>
#include <stdint.h>

enum {
	ANSWER_HEAD = 400,     /* room in front of the varbinds for the headers */
	ANSWER_REPORT = 64,    /* bytes of varbinds of an SNMPv3 Report, at most */
	ANSWER_SLACK = 64,     /* room behind the largest answer */
	ANSWER_PLACES = 8192,  /* of plans, by hash */
	ANSWER_CHAIN = 32,     /* plans in one place: states of a profile */
	ANSWER_PLANS = 32768,  /* kept at once, all together */
	ANSWER_BIG = 67000,    /* the largest UDP datagram and what is around it */
	ANSWER_REQUEST = 2048, /* a longer request is malformed to us */
	ANSWER_VARBINDS = 512, /* of a request */
	ANSWER_DENIED = 16     /* networks that nobody may ask */
};

struct plan;

/* Why an SNMPv3 message was answered by a Report: the last number of usmStats*, RFC 3414 section 5;
 * then two of RFC 3413 and RFC 3412. */
enum v3_report {
	REPORT_LEVEL = 1,
	REPORT_WINDOW,
	REPORT_USER,
	REPORT_ENGINE,
	REPORT_DIGEST,
	REPORT_CIPHER,
	REPORT_CONTEXT,
	REPORT_HANDLER,
	REPORTS
};
extern const char *const report_names[REPORTS];

/* Where an answer comes from. */
enum forge_way { WAY_RIGHT, WAY_OTHER_ADDRESS, WAY_OTHER_PORT };
typedef void answer_forged(void *owner, const uint8_t *bytes, size_t len, enum forge_way way);

struct answer_counts {
	uint64_t get, get_next, get_bulk, set;
	uint64_t answers;
	uint64_t varbinds;
	uint64_t malformed;
	uint64_t wrong_community;
	uint64_t other_version; /* that the printer does not speak */
	uint64_t in_context;    /* requests for a context of the printer's */
	uint64_t never_asked;   /* names asked for in sub-trees that must not be read */
	uint64_t never_overrun; /* their rows in answers to requests that named none of them */
	uint64_t not_ours;      /* an address that no printer has */
	uint64_t denied;        /* addresses that nobody may ask */
	uint64_t silent;        /* stopped, silent or dead printers */
	uint64_t too_big;
	uint64_t plans_made;
	uint64_t v1, v2c, v3; /* requests that could be read */
	uint64_t v3_messages; /* with those that a Report answers */
	uint64_t report[REPORTS];
	uint64_t not_authorized; /* SNMPv3 below the level that the user must use */
};

struct answerer {
	struct fleet *fleet;
	const char *community;
	size_t community_len;
	size_t max_response;
	struct plan **plans; /* ANSWER_PLACES lists */
	size_t plan_count;
	struct plan *scratch; /* of a printer with values of its own */
	uint64_t random;      /* for broken answers */
	struct users users;
	uint64_t salt; /* of the last ciphered answer */
	answer_forged *send_forged;
	void *forge_owner;
	struct {
		uint32_t network, mask;
	} denied[ANSWER_DENIED];
	size_t denied_count;
	struct answer_counts counts;
};

struct answer {
	struct printer *printer;
	struct ledger *ledger;
	const uint8_t *start; /* within the caller's memory, or ours until the next call */
	size_t len;
	uint32_t copies;  /* to be sent besides */
	uint32_t late_ms; /* more than others */
	enum forge_way way;
};

/* The community must stay, at most LIMIT_COMMUNITY bytes. 0 or an error. */
int answer_open(
	struct answerer *a, struct fleet *f, const char *community, size_t max_response) MUST_USE;
void answer_close(struct answerer *a);

/* The device with this address (host order), or NULL, counted. */
struct printer *answer_printer(struct answerer *a, uint32_t address) MUST_USE;

/* Answers one datagram, whose bytes may be overwritten. `room` has ANSWER_HEAD + max_response +
 * ANSWER_SLACK bytes, or ANSWER_BIG if the printer has FAULT_HUGE; what a printer with
 * FAULT_GARBAGE says lies elsewhere. 1: *ret is to be sent; 0: silence, and counted why. */
int answer_make(struct answerer *a, struct printer *p, uint8_t *request, size_t len,
	uint64_t now_ms, uint8_t *room, struct answer *ret) MUST_USE;

/* The first of the plans in a place goes. */
void answer_drop_plan(struct answerer *a, size_t place);

#endif
