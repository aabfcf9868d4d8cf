/* SPDX-License-Identifier: Apache-2.0
 * The User-based Security Model for thousands of engines (RFC 3414, 3826, 7860). Nothing here is
 * looked up in a list: a device holds its own engine's state and localized keys, so two printers
 * with the same engineID do not disturb each other, and a packet costs the same whatever the size
 * of the fleet.
 *
 * struct usm_user: a credential of the configuration. Its passphrases become keys (Ku,
 * 1.4 ms each) once, on WORKER_HASH. struct usm_peer: the SNMPv3 state of one printer; embedded in
 * its owner beside the snmp_peer. Order of calls: usm_user_init, usm_user_prepare (keys come later;
 * until then snmp_client_send fails with ERR_BUSY), usm_peer_init, snmp_client_send any number of
 * times, usm_peer_close. All on the loop's thread. */
#ifndef PLATEN_SNMP_USM_H
#define PLATEN_SNMP_USM_H

#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "engine/loop/workers.h"
#include "proto/smi/security.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { USM_KEY_MAX = 64 };

enum { USM_PASSWORD_MIN = 8 }; /* RFC 3414 section 11.2 */

/* Texts are the caller's; they are copied. */
struct usm_secret {
	const char *name;
	const char *auth_password; /* NULL: none */
	const char *priv_password;
	size_t name_len, auth_password_len, priv_password_len;
	uint8_t auth; /* enum usm_auth */
	uint8_t priv; /* enum usm_priv; needs auth */
};

/* The work of making keys, which may be on another thread: it touches nothing else. Wiped after. */
struct usm_making {
	struct worker_job job;
	uint8_t auth, priv;
	uint8_t auth_password_len, priv_password_len;
	char auth_password[LIMIT_PASSWORD], priv_password[LIMIT_PASSWORD];
	uint8_t auth_key[USM_KEY_MAX], priv_key[USM_KEY_MAX];
};

struct usm_user {
	char name[SNMP3_USER];
	uint8_t name_len;
	uint8_t auth, priv;
	bool is_ready;                 /* the keys are there */
	uint32_t generation;           /* counts changes of the keys: peers localize anew */
	uint8_t auth_key[USM_KEY_MAX]; /* Ku */
	uint8_t priv_key[USM_KEY_MAX];
	uint64_t salt; /* counts up from a random start over all peers: never twice with one key */
	struct usm_making making, waiting; /* the job in progress and the next one */
	bool is_making, is_waiting;
	struct workers *workers;
	void (*on_ready)(void *owner, struct usm_user *user, int err);
	void *owner;
};

/* ERR_LIMIT for a name, a passphrase or a combination that cannot be; ERR_CRYPTO for an algorithm
 * that OpenSSL does not give, which under FIPS is MD5 and DES. */
int usm_user_init(struct usm_user *u, const struct usm_secret *secret) MUST_USE;

/* Makes the keys on WORKER_HASH; on_ready (may be NULL) comes once, later. Again, with other
 * passphrases or protocols and the same name: requests in flight end as they began, the next ones
 * use the new keys. Called again before on_ready, it uses only the last secret and calls only
 * the last on_ready. Users with equal passphrase and protocol share the work only if the caller
 * makes them share the user. Errors as usm_user_init. */
int usm_user_prepare(struct usm_user *u, struct workers *workers, const struct usm_secret *secret,
	void (*on_ready)(void *owner, struct usm_user *user, int err), void *owner) MUST_USE;

/* The same at once, on this thread: for verbs that poll one printer. */
int usm_user_prepare_now(struct usm_user *u, const struct usm_secret *secret) MUST_USE;

void usm_user_close(struct usm_user *u); /* wipes; no job may be under way */

/* The state of an engine that is stored over a restart (store/device_store). Without keys: deriving
 * them from Ku takes half a microsecond. */
struct usm_engine {
	uint8_t id[SNMP3_ENGINE_ID];
	uint8_t id_len;       /* 0: not known yet */
	bool is_time_trusted; /* boots and time came in an authentic message */
	uint32_t boots;
	uint32_t time;  /* snmpEngineTime at at_ms */
	uint64_t at_ms; /* monotonic (loop); who stores it converts to wall time */
};

static inline bool usm_engine_is(const struct usm_engine *e, const uint8_t *id, size_t len)
{
	return e->id_len == len && (len == 0 || memcmp(e->id, id, len) == 0);
}

struct usm_keys; /* localized keys, made when first needed */

struct usm_peer {
	struct usm_user *user;
	const char *context; /* contextName; NULL: "" */
	uint8_t context_len;
	bool is_engine_changed; /* another engineID has responded, or was refused; the owner
				 * clears it */
	bool must_probe; /* an unauthenticated Report named another engine: the next request looks
			  */
	bool is_dirty;   /* the engine has changed since this was last cleared: worth storing */
	uint8_t trouble; /* enum usm_trouble, the last one; NONE after an authentic response */
	bool has_worked; /* a response was accepted with these keys */
	bool was_silent; /* the last request had no response of any kind */
	struct usm_engine engine;
	bool is_tried;            /* `engine` is a probe's: it has sent no accepted response */
	struct usm_engine former; /* pinned while `engine` is tried; id_len 0: none was */
	struct usm_keys *keys;
};

void usm_peer_init(
	struct usm_peer *p, struct usm_user *user, const char *context, size_t context_len);
void usm_peer_close(struct usm_peer *p); /* wipes */

/* The engine to store: the one that has responded with valid keys, if there is one. */
static inline const struct usm_engine *usm_peer_pinned(const struct usm_peer *p)
{
	return p->is_tried ? &p->former : &p->engine;
}

/* Bytes that one peer's keys and contexts may take, for the sum at start. */
size_t usm_peer_memory(void);

/* fips: on. Loads OpenSSL's FIPS provider if there is one and makes it the default ("fips=yes").
 * *ret_is_loaded says which of the two it is; `why` is a sentence for the log. An error if a
 * provider is installed but does not work. Checks by known-answer tests that HMAC and AES work.
 * Before the first user, TLS or key of the process. */
int usm_fips_open(bool *ret_is_loaded, char *why, size_t why_cap) MUST_USE;

#endif
