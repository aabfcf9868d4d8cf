/* SPDX-License-Identifier: Apache-2.0
 * The configuration of both programs, read whole from one YAML file and its drop-ins by the key
 * tables in table.h and checked before anything starts. Everything that the structs point to
 * belongs to the configuration and lives until its _free; secrets are wiped then. Relative paths
 * are taken from the folder of the main file. Order of calls: agent_conf_load, conf_each_device
 * (any number of times), agent_conf_free. Loading reads files and blocks: before the loop runs. */
#ifndef PLATEN_CONF_CONF_H
#define PLATEN_CONF_CONF_H

#include "engine/conf/nets.h"
#include "engine/conf/secret.h"
#include "engine/loop/crypto.h"
#include "proto/base/calendar.h"
#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "proto/base/log.h"
#include "proto/base/writer.h"
#include "proto/wire/policy.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The messages of a load: lines "file:line:column: message" (without a position when the file
 * itself is the trouble), separated by newlines, none at the end. */
struct conf_error {
	unsigned count; /* messages, including those that did not fit in text */
	size_t len;
	char text[LIMIT_CONF_ERROR];
};

struct conf_memory; /* the arena behind a configuration */
struct conf_range;  /* range.h */
struct conf_target; /* one entry of devices.targets */

/* The head of each item of a list. */
struct conf_item {
	struct conf_item *next;
	unsigned line, column; /* where it begins in `file` */
	const char *file;
	uint32_t given; /* bit i: keys[i] of its table was given */
};

/* One entry of snmp.credentials. */
struct conf_credential {
	struct conf_item item;
	const char *name;
	unsigned number; /* from 0, in the order of the file: in this order they are tried */
	uint8_t version; /* enum snmp_version */
	/* v1 and v2c */
	uint8_t community_len;
	const char *community;
	const char *community_file;
	/* v3 */
	const char *user;
	uint8_t auth; /* enum usm_auth */
	uint8_t priv; /* enum usm_priv */
	const char *auth_password_file;
	const char *priv_password_file;
	struct secret auth_password;
	struct secret priv_password;
	const char *context; /* NULL: "" */

	const struct conf_nets *subnets; /* bound to these; NULL: everywhere */
};

/* One entry of discovery.targets. */
struct conf_discovery_target {
	struct conf_item item;
	const char *range; /* see range.h */
	uint16_t port;
	bool is_v1_asked; /* SNMPv1 where nothing else got a response */
};

/* One entry of discovery.include or discovery.exclude: all its keys must match. */
struct conf_rule {
	struct conf_item item;
	const struct conf_nets *addresses; /* NULL: any */
	const char *vendor;                /* pattern, NULL: any */
	const char *model;
	const char *serial;
};

/* The reaction to an engineID other than the pinned one. */
enum conf_engine_change {
	CONF_ENGINE_WARN,  /* log it, and use the new engine */
	CONF_ENGINE_REFUSE /* log it, and do not poll until the key is warn again */
};

/* devices.accept: which devices are read although they are not identified as printers. */
struct conf_accept {
	const struct conf_nets *nets; /* NULL: none */
	uint32_t kinds;               /* bit k: enum device_kind k (proto/model/kind.h) */
};

/* hub.spki_pin: SHA-256 digests of public keys. */
struct conf_pins {
	size_t count;
	uint8_t pin[LIMIT_SPKI_PINS][32];
};

struct agent_conf {
	const char *state_dir;
	const char *site; /* "" if none was given */
	enum log_level log_level;

	size_t devices_max;
	uint64_t poll_interval_ms;
	bool is_models_given;   /* by an option, not by the file */
	const char *models_dir; /* NULL: only the model files that are compiled in */
	struct conf_accept accept;
	struct conf_target *targets;

	size_t snmp_window;
	uint64_t snmp_timeout_ms;
	unsigned snmp_tries;
	uint64_t snmp_min_interval_ms;       /* from a response to the next request; 0: none */
	unsigned snmp_subnet_rate;           /* packets a second to one /24 or /64; 0: no limit */
	uint8_t snmp_engine_change;          /* enum conf_engine_change */
	struct conf_credential *credentials; /* in the order of the file */
	size_t credential_count;

	const struct conf_nets *access_allow; /* NULL: all */
	const struct conf_nets *access_deny;  /* NULL: none */
	bool is_fips;
	bool allows_env; /* secrets may come from the environment */

	struct conf_discovery_target *discovery_targets;
	uint64_t discovery_interval_ms; /* 0: only on demand */
	unsigned discovery_rate;        /* packets a second */
	unsigned discovery_tries;       /* credentials for each address */
	unsigned discovery_rounds;      /* of the probes; 0: as needed */
	bool discovery_adopt;           /* printers that discovery finds are polled */
	bool discovery_tcp;
	bool discovery_mdns;
	struct conf_rule *discovery_include; /* NULL: all */
	struct conf_rule *discovery_exclude; /* NULL: none */

	uint8_t ipp_mode; /* enum ipp_mode */
	uint16_t ipp_port;
	bool has_ipp; /* IPP is on for some printer */

	bool has_hub;         /* hub.url was given; otherwise nothing is ever sent */
	const char *hub_url;  /* as written; for messages */
	const char *hub_host; /* a name, or an address without brackets */
	uint16_t hub_port;
	const char *hub_path; /* begins and ends with '/': "v1/batches" is appended to it */
	const char *hub_user;
	const char *hub_password_file;
	struct secret hub_password;
	const char *ca_file;  /* NULL: the system's store */
	const char *crl_file; /* NULL: none */
	struct conf_pins hub_pins;
	const char *cert_file; /* client certificate; NULL: none */
	const char *key_file;
	const char *hub_proxy;  /* as written; NULL: none */
	const char *proxy_host; /* NULL also if hub_no_proxy holds for the hub */
	uint16_t proxy_port;
	const char *proxy_user; /* NULL: none */
	const char *proxy_password_file;
	struct secret proxy_password;
	const char *hub_no_proxy; /* NULL: none */

	uint64_t sync_interval_ms;     /* if the calendar has no times */
	struct calendar sync_calendar; /* its zone is sync_zone */
	const char *sync_timezone;     /* as given; NULL: this machine's */
	const char *sync_zone_name;    /* for people */
	struct zone *sync_zone;        /* owned; NULL: UTC */
	bool has_hourly_meters;        /* sync.meters */
	uint64_t heartbeat_ms;         /* between two heartbeats; 0: none */
	uint64_t spool_max_bytes;
	uint64_t spool_linger_ms;

	bool sends;      /* off: no packet to the hub */
	bool has_meters; /* the services whose data leave */
	bool has_supplies;
	bool has_diagnostics;
	bool sends_name, sends_location, sends_contact, sends_asset; /* of the printers */
	bool is_corporate;
	const char *policy_file; /* NULL: none */
	struct policy policy;    /* of all of these; without the host's identifiers */

	const char *file;              /* where it was read from */
	uint8_t digest[CRYPTO_SHA256]; /* of the main file and its drop-ins */
	struct conf_memory *memory;
};

/* One entry of supplies.thresholds. */
struct conf_supply_threshold {
	struct conf_item item;
	const char *site; /* NULL: any */
	const char *type; /* a word of supply_type_name; NULL: any */
	uint8_t low_percent;
};

struct hub_conf {
	const char *state_dir;
	enum log_level log_level;
	const char *listen_address; /* a numeric IPv4 or IPv6 address */
	uint16_t listen_port;       /* 0: the kernel chooses */
	const char *cert_file;
	const char *key_file;
	const char *client_ca_file; /* NULL: no client certificates */
	bool is_client_optional;
	size_t max_connections;
	uint8_t low_percent;
	struct conf_supply_threshold *thresholds;

	const char *file;
	uint8_t digest[CRYPTO_SHA256];
	struct conf_memory *memory;
};

/* 0, or ERR_CONF with the messages in *err (then nothing is held and _free is harmless). Passwords
 * and communities are read from their files here. */
int agent_conf_load(struct agent_conf *c, const char *path, struct conf_error *err) MUST_USE;
void agent_conf_free(struct agent_conf *c);

/* The memory it holds, in bytes, without its secrets. */
size_t agent_conf_memory(const struct agent_conf *c);

/* When readings are sent, for people: "13:30, 22:00-05:00 on mon, fri (Europe/Paris)". */
void agent_conf_put_schedule(struct writer *w, const struct agent_conf *c);

/* For verbs that only read the state directory: state_dir and site, from a file that may hold
 * mistakes and whose secrets the caller may not be able to read. The rest of *c is not valid. 0, or
 * ERR_CONF with the messages if state_dir cannot be read, or if it is not there and the file holds
 * mistakes: then the usual directory may not be meant. */
int agent_conf_peek(struct agent_conf *c, const char *path, struct conf_error *err) MUST_USE;

/* Calls `each` with the path of every key whose value differs in `b`; lists are compared entry by
 * entry. Of a file that a key names, the name is compared, not the content. */
void agent_conf_differ(const struct agent_conf *a, const struct agent_conf *b,
	void (*each)(void *owner, const char *path), void *owner);
void hub_conf_differ(const struct hub_conf *a, const struct hub_conf *b,
	void (*each)(void *owner, const char *path), void *owner);
/* An `each` of these: logs a key that needs a restart. `live`: names of keys that do not, and NULL.
 */
void conf_log_restart(void *live, const char *path);

/* Logs the messages, one line each, without the first `skip`. */
void conf_log_error(const struct conf_error *e, unsigned skip);

int hub_conf_load(struct hub_conf *c, const char *path, struct conf_error *err) MUST_USE;
void hub_conf_free(struct hub_conf *c);

/* One printer to read. */
struct conf_device {
	union {
		struct sockaddr sa;
		struct sockaddr_in in4;
		struct sockaddr_in6 in6;
	} address;        /* the port included; with a name, until conf_look_up, the port alone */
	const char *name; /* DNS; as the community; NULL: the address is given */
	uint8_t version;  /* enum snmp_version */
	uint8_t community_len;
	const char *community; /* interned: lives as long as the configuration; NULL with SNMP_V3 */
	const struct conf_credential *credential; /* NULL: the target's own community */
	uint8_t ipp_mode;                         /* enum ipp_mode, never IPP_MODE_DEFAULT */
	uint16_t ipp_port;
	const struct conf_nets *answers_from; /* as the community; NULL: no other address */
	bool has_short_ids;
	bool is_range; /* one of several addresses of a range: there may be no printer */
};

/* Which of two entries with the same address counts: the first one, but an address of its own
 * before one of several of a range. False also if `next` has a name, whose address may change. */
static inline bool conf_device_replaces(const struct conf_device *next, bool is_before_range)
{
	return is_before_range && !next->is_range && next->name == NULL;
}

/* Calls `each` for every device of devices.targets, in order: ranges address by address, CSV files
 * row by row. The same address may come more than once. A negative return of `each` ends it and is
 * returned. Else the number of devices, or ERR_CONF with *err (an unreadable or wrong CSV file; the
 * devices before the mistake were given out already). */
int conf_each_device(const struct agent_conf *c,
	int (*each)(void *owner, const struct conf_device *device), void *owner,
	struct conf_error *err) MUST_USE;

/* The address of device->name, by the system's resolver: blocks. The one that the device has stays
 * if it is still one of the name's. 0 or ERR_NAME. */
int conf_look_up(struct conf_device *device) MUST_USE;

/* Calls `each` for every row of a CSV file with the columns "address" and, if wanted, "port";
 * others are ignored, `port` is for rows without one. 0, or the negative return of `each`, or
 * ERR_CONF with *err. */
int conf_each_csv_range(const char *path, uint16_t port,
	int (*each)(void *owner, const struct conf_range *range, uint16_t port), void *owner,
	struct conf_error *err) MUST_USE;

/* Whether packets may be sent to the address: access.allow and access.deny; deny wins.
 * conf_each_device does not leave denied addresses out: the caller checks. */
bool agent_conf_is_allowed(const struct agent_conf *c, const struct sockaddr *sa);

/* Whether devices.accept names the address, or the kind (enum device_kind) of the device there. */
bool conf_accepts(const struct conf_accept *accept, const struct sockaddr *sa, unsigned kind);

/* Writes "; did you mean "x"?" about an unknown name of a credential, or "". */
void conf_credential_hint(char *dst, size_t cap, const struct agent_conf *c, const char *name);

/* By its name, or NULL. */
const struct conf_credential *agent_conf_credential(const struct agent_conf *c, const char *name);

/* Whether an SNMPv3 passphrase is accepted, but shorter than LIMIT_PASSPHRASE_GOOD. */
bool conf_credential_is_weak(const struct conf_credential *c);

/* Whether the credential may be sent to this address: its subnets. */
bool conf_credential_fits(const struct conf_credential *credential, const struct sockaddr *sa);

/* Whether one of the rules matches. Texts may be NULL (unknown): then only a pattern "*" matches.
 * Patterns are compared without case; '*' is any run of characters, '?' any one. */
bool conf_rules_fit(const struct conf_rule *rules, const struct sockaddr *sa, const char *vendor,
	const char *model, const char *serial);

#endif
