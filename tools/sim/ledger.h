/* SPDX-License-Identifier: Apache-2.0
 * What was asked of each device, by whoever asked: for tests that must show that nobody harmed it.
 * A datagram with the same bytes as the one before it is the same question sent again. */
#ifndef PLATEN_SIM_LEDGER_H
#define PLATEN_SIM_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a fragile device died of. */
enum death {
	DEATH_NOT,
	DEATH_VARBINDS,
	DEATH_MISSING,
	DEATH_RATE,
	DEATH_BULK,
	DEATH_BYTES,
	DEATH_SET,
	DEATHS
};
extern const char *const death_names[DEATHS];

enum { LEDGER_KILLERS = 8, LEDGER_QUESTION = 512, LEDGER_DAY_MS = 86400000 };

/* A question that a device died of, by the bytes behind its request-id. */
struct killer {
	uint64_t hash, at_ms;
	int32_t id; /* request-id of the first time */
};

struct ledger {
	uint64_t received, bytes_in, answers, bytes_out;
	uint64_t resent;
	uint64_t get, get_next, get_bulk, set;
	uint64_t v1, v2c, v3;
	uint64_t reports; /* SNMPv3 messages answered by a Report */
	uint64_t refused; /* wrong community, or a version that it does not speak */
	uint64_t last_hash, last_ms;
	uint64_t second; /* the present one, and datagrams in it */
	uint32_t in_second, per_second_peak;
	uint32_t min_gap_ms;              /* between two datagrams; UINT32_MAX: there were none */
	uint32_t largest, largest_before; /* bytes of a request: ever, before the first answer */
	uint32_t varbinds_peak;           /* names in one request */
	uint32_t waiting;                 /* answers on their way */
	uint64_t queued_in;               /* the batch that its last answer left with, plus 1 */
	uint32_t in_flight_peak;
	uint32_t deaths, killing_again, killing_resent;
	uint8_t died_of; /* enum death, the last */
	bool is_dead;
	struct killer killer[LEDGER_KILLERS]; /* the newest ones */
	uint32_t killers;
	uint16_t question_len; /* of the last killer, as it came */
	uint8_t *question;     /* NULL before the first death; the ledger's */
};

/* A datagram came while `due` answers to other questions were on their way. */
void ledger_received(
	struct ledger *l, const uint8_t *bytes, size_t len, unsigned due, uint64_t now_ms);
void ledger_answered(struct ledger *l, size_t len);

/* Notes a question that is asked of a device that died of it before, within a day. */
void ledger_meets(struct ledger *l, uint64_t hash, int32_t id, uint64_t now_ms);

/* The device dies of this question. */
void ledger_dies(struct ledger *l, enum death of, uint64_t hash, int32_t id, uint64_t now_ms,
	const uint8_t *bytes, size_t len);

/* Fast, of many bytes. */
uint64_t ledger_hash(const uint8_t *p, size_t len, uint64_t start);

#endif
