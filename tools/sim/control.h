/* SPDX-License-Identifier: Apache-2.0
 * The control socket: one JSON object per line, one line in response (docs/sim.md). Changes the
 * printers and reports their values. */
#ifndef PLATEN_SIM_CONTROL_H
#define PLATEN_SIM_CONTROL_H

#include "tools/sim/responder.h"
#include "tools/sim/net.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CONTROL_CLIENTS = 16,
	CONTROL_LINE = 1 << 20, /* a longer line ends the connection */
	CONTROL_OUT = 32 << 20, /* bytes of responses that the client has not read yet */
	CONTROL_VALUES = 10000  /* of one "held" or "facts" */
};

struct control;

/* Listens at `path`, mode 0600. An existing path must be a socket without a listener. */
struct control *control_open(
	const char *path, struct responder *a, struct net *n, char why[LIMIT_WHY]) MUST_USE;
void control_close(struct control *c);
/* Readable while there is work. */
int control_fd(const struct control *c);
/* Serves the clients. True after the command "quit". */
bool control_work(struct control *c);

/* Runs one command; the caller owns the response. "quit" sets *quit. */
json_t *command_run(
	struct responder *a, struct net *n, const char *line, size_t len, bool *quit) MUST_USE;

/* The counts of everything, also printed at the end. */
json_t *command_stats(const struct responder *a, const struct net *n) MUST_USE;

/* Values in JSON: see docs/sim.md. control_value.c */
struct truth_value;
json_t *value_to_json(const struct truth_value *v);
const char *value_type_name(uint8_t type);
/* Contents bytes of {"type":..,"value":..}: the length, or an error with `why`. */
int value_from_json(const json_t *command, uint8_t *type, uint8_t dst[PROFILE_VALUE],
	char why[LIMIT_WHY]) MUST_USE;

/* "check", "held": command_truth.c */
json_t *command_check(const struct fleet *f, const struct printer *p, const json_t *command);
json_t *command_held(const struct fleet *f, const struct printer *p, const json_t *command);
/* "facts": command_facts.c */
json_t *command_facts(const struct fleet *f, const struct printer *p, const json_t *command);
/* "user", "engine", "fault" for the printers [first, last]; the boots of "reboot".
 * command_v3.c */
json_t *command_user(struct responder *a, size_t first, size_t last, const json_t *command);
json_t *command_engine(struct responder *a, size_t first, size_t last, const json_t *command);
json_t *command_engine_of(struct responder *a, size_t number);
json_t *command_fault(struct responder *a, size_t first, size_t last, const json_t *command);
int command_boots(struct responder *a, size_t first, size_t last, const json_t *boots) MUST_USE;
/* "traffic" of the printers [first, last]; sums over all, added to "stats"; "start" of crashed
 * printers. command_traffic.c */
json_t *command_traffic(const struct fleet *f, size_t first, size_t last);
void command_traffic_sums(const struct fleet *f, json_t *stats);
void command_restart(struct fleet *f, size_t first, size_t last);
/* "forge" in the name of this printer. command_forge.c */
json_t *command_forge(struct responder *a, struct net *n, size_t number, const json_t *command);
json_t *command_error(const char *fmt, ...) PRINTF_LIKE(1, 2);
int command_oid(const json_t *value, uint8_t *dst, size_t cap) MUST_USE;

#endif
