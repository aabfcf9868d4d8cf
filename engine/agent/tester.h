/* SPDX-License-Identifier: Apache-2.0
 * Asking one printer one question after the other, and telling of each step as it is done: what
 * `platen snmp-test` is made of. The loop runs inside each question, so that the steps can be
 * written one below the other; one question is in flight, never two. */
#ifndef PLATEN_AGENT_TESTER_H
#define PLATEN_AGENT_TESTER_H

#include "engine/agent/agent.h"
#include "engine/agent/find.h"
#include "engine/loop/loop.h"
#include "engine/snmp/snmp_client.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TESTER_STEPS = 64, TESTER_TEXT = 384, TESTER_KEPT = 128 };

struct tester_step {
	const char *name; /* "v3 engine", "credential" ... */
	bool is_ok;
	uint32_t took_ms;
	char text[TESTER_TEXT];
};

struct tester_answer {
	int err; /* as snmp_response.err */
	int error_status;
	size_t count, bytes;
	unsigned tries;
	uint32_t took_ms, rtt_ms;
	char text[TESTER_KEPT]; /* of the first varbind, if it is one */
};

struct tester {
	const struct agent_poll_options *options;
	struct conf_device at;
	struct loop *loop;
	struct snmp_client *client;
	struct snmp_peer peer; /* how it is asked now */
	struct agent_who who;
	struct snmp_request question;
	struct tester_answer answer; /* of the last question */
	uint64_t asked_ms;
	struct due engine_due;           /* while only the engineID is waited for */
	uint64_t resent_before;          /* of the client, when what follows began to count */
	uint32_t rtt_min_ms, rtt_max_ms; /* of all that were answered at once */
	unsigned rtts;
	struct tester_step steps[TESTER_STEPS];
	size_t step_count;
};

/* ERR_NAME ...: said on stderr. */
int tester_open(struct tester *t, const struct agent_poll_options *o) MUST_USE;
int tester_close(struct tester *t) MUST_USE;

/* From now on it is asked so: by this credential (v1, v2c or v3), or, if it is NULL, by version and
 * community. */
int tester_use(struct tester *t, const struct conf_credential *c, uint8_t version,
	const char *community) MUST_USE;

/* The question that is in t->question; its answer is in t->answer. */
void tester_ask(struct tester *t);

/* SNMPv3: asks as whoever it is, until the engine has shown its ID or there was no answer. */
void tester_ask_engine(struct tester *t, const char *oid);

/* A GET or GETNEXT of one object, or a GETBULK with repetitions. */
void tester_ask_one(struct tester *t, uint8_t pdu, const char *oid, unsigned repetitions);

/* Writes one step down, and shows it unless the result is to be JSON. */
void tester_say(struct tester *t, const char *name, bool is_ok, uint32_t took_ms, const char *fmt,
	...) PRINTF_LIKE(5, 6);

/* All of it as JSON on stdout, or the last line for people. */
int tester_finish(
	const struct tester *t, bool works, const char *verdict, const char *todo) MUST_USE;

#endif
