/* SPDX-License-Identifier: Apache-2.0
 * The SNMPv3 users of the configuration's credentials: one usm_user each, whose keys are made on
 * WORKER_HASH, so that neither start nor reload holds up the loop. Users belong to agent_keys;
 * devices point to them. */
#ifndef PLATEN_AGENT_KEYS_H
#define PLATEN_AGENT_KEYS_H

#include "engine/conf/conf.h"
#include "proto/base/err.h"
#include "engine/loop/workers.h"
#include "engine/snmp/usm.h"

#include <stddef.h>

struct agent_key;

struct agent_keys {
	struct workers *workers;
	struct agent_key *first; /* all there are */
	/* By the number of the newest configuration's credential; NULL: of v1 or v2c. */
	struct usm_user *users[LIMIT_CONF_CREDENTIALS];
	unsigned pending; /* keys that are being made */
	void (*on_ready)(void *owner);
	void *owner;
};

/* on_ready comes whenever no keys are being made any more: once after each call below that
 * returned more than 0. */
void agent_keys_open(
	struct agent_keys *k, struct workers *workers, void (*on_ready)(void *owner), void *owner);

/* Users for the credentials of `conf`, from now on k->users: those that are new are made, and of
 * those whose passphrases or protocols are not what they are in `before` (NULL: none were there)
 * the keys are made anew. The fault of one is logged with its name, and the others are made.
 * Returns how many keys are being made, or -ENOMEM. Not while any are. */
int agent_keys_take(struct agent_keys *k, const struct agent_conf *conf,
	const struct agent_conf *before) MUST_USE;

/* Frees users that are not in k->users: no device may point to them any more. */
void agent_keys_prune(struct agent_keys *k);

/* After the workers have ended. */
void agent_keys_close(struct agent_keys *k);

/* The input of usm_user_init and usm_user_prepare, from a credential of version 3. */
struct usm_secret agent_secret_of(const struct conf_credential *c);

#endif
