/* SPDX-License-Identifier: Apache-2.0
 * One request to one printer after the other, and a line for each step: what `platen snmp-test` is
 * made of. The loop runs inside each request, so that the steps stand one below the other in the
 * code; one request is in flight at a time. */
#ifndef PLATEN_AGENT_TESTER_H
#define PLATEN_AGENT_TESTER_H

#include "engine/agent/printer_options.h"
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

struct tester_response {
	int err; /* as snmp_response.err */
	int error_status;
	size_t count, bytes;
	unsigned tries;
	uint32_t took_ms, rtt_ms;
	bool is_below;          /* the first varbind is in the subtree of the requested object */
	char text[TESTER_KEPT]; /* of the first varbind, if it is a text */
};

struct tester {
	const struct printer_options *options;
	struct conf_device at;
	struct loop *loop;
	struct snmp_client *client;
	struct snmp_peer peer; /* with the credential in use */
	struct printer_session session;
	struct snmp_request request;
	struct tester_response response; /* to the last request */
	uint8_t name[LIMIT_OID_BER];     /* of the last request, BER */
	size_t name_len;
	uint64_t sent_ms;
	struct due engine_due;           /* while the test waits only for the engineID */
	uint64_t resent_before;          /* the client's counter at the start of the count */
	uint32_t rtt_min_ms, rtt_max_ms; /* of the responses to a first transmission */
	unsigned rtts;
	struct tester_step steps[TESTER_STEPS];
	size_t step_count;
};

/* ERR_NAME ... after a line on stderr. */
int tester_open(struct tester *t, struct printer_options *o) MUST_USE;
int tester_close(struct tester *t) MUST_USE;

/* The credential (v1, v2c or v3) of the next requests; NULL: version and community. */
int tester_use(struct tester *t, const struct conf_credential *c, uint8_t version,
	const char *community) MUST_USE;

/* SNMPv3: a request that ends once the engine has shown its ID, or without a response. */
void tester_probe_engine(struct tester *t, const char *oid);

/* A GET or GETNEXT of one object, or a GETBULK with repetitions; then t->response. */
void tester_request(struct tester *t, uint8_t pdu, const char *oid, unsigned repetitions);

/* Polls the identity with the credential in use, and tells it in a step "printer". Whether it is a
 * printer. */
bool tester_identify(struct tester *t);

/* Keeps one step, and prints it unless the output is JSON. */
void tester_say(struct tester *t, const char *name, bool is_ok, uint32_t took_ms, const char *fmt,
	...) PRINTF_LIKE(5, 6);

/* The whole as JSON on stdout, or the last line of text. */
int tester_finish(
	const struct tester *t, bool works, const char *result, const char *action) MUST_USE;

#endif
