/* SPDX-License-Identifier: Apache-2.0
 * The SNMPv3 user of a hostile printer and of its client: one user with authPriv. */
#ifndef PLATEN_TESTS_HOSTILE_READER_H
#define PLATEN_TESTS_HOSTILE_READER_H

#include "engine/snmp/usm.h"
#include "tests/hostile/agent.h"

#include <string.h>

/* The printer's engine with the user's keys, and the user; the caller closes the user. 0 or an
 * error. */
static inline int reader_open(struct agent_engine *engine, struct usm_user *user)
{
	static const struct usm_secret secret = {.name = "reader",
		.name_len = 6,
		.auth_password = "authentication",
		.auth_password_len = 14,
		.priv_password = "confidential",
		.priv_password_len = 12,
		.auth = USM_AUTH_SHA256,
		.priv = USM_PRIV_AES128};
	*engine =
		(struct agent_engine){.id = {0x80, 0, 0, 11, 5, 1, 2, 3}, .boots = 9, .time = 5000};
	agent_engine_init(engine, secret.name, secret.auth_password, secret.priv_password);
	int err = usm_user_init(user, &secret);
	return err < 0 ? err : usm_user_prepare_now(user, &secret);
}

/* Sets the engine data of a client that has received a response from this engine. */
static inline void reader_know(
	struct usm_peer *peer, const struct agent_engine *engine, uint64_t now_ms)
{
	peer->engine = (struct usm_engine){.id_len = AGENT_ENGINE,
		.is_time_trusted = true,
		.boots = engine->boots,
		.time = engine->time,
		.at_ms = now_ms};
	memcpy(peer->engine.id, engine->id, AGENT_ENGINE);
}

#endif
