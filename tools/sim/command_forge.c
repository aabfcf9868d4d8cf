/* SPDX-License-Identifier: Apache-2.0
 * The command "forge": an off-path attacker, who has not seen the request. Sends responses to a
 * port of the manager, from another address or the printer's own, with random request-ids. */
#include "tools/sim/pdu.h"
#include "tools/sim/control.h"

#include "proto/base/str.h"
#include "proto/smi/request.h"

#include <arpa/inet.h>
#include <string.h>

enum { FORGE_MAX = 10000, FORGE_ROOM = 512, TAG_REPORT = 0xa8, TAG_TRAP = 0xa7, CAUSES = 6 };

static const struct forged_class {
	const char *name;
	enum forge_way way;
	uint8_t tag;
	bool is_v3;
} forged_classes[] = {{"source", WAY_OTHER_ADDRESS, SNMP_RESPONSE, false},
	{"port", WAY_OTHER_PORT, SNMP_RESPONSE, false}, {"id", WAY_RIGHT, SNMP_RESPONSE, false},
	{"report", WAY_RIGHT, TAG_REPORT, false}, {"trap", WAY_RIGHT, TAG_TRAP, false},
	{"get", WAY_RIGHT, SNMP_GET, false}, {"set", WAY_RIGHT, SNMP_SET, false},
	{"v3", WAY_RIGHT, SNMP_RESPONSE, true}, {"v3-report", WAY_RIGHT, TAG_REPORT, true}};

static uint8_t *put_bytes(uint8_t *end, uint8_t tag, const void *bytes, size_t len)
{
	memcpy(end - len, bytes, len);
	return pdu_header(end - len, end, tag);
}

static uint8_t *put_number(uint8_t *end, uint32_t v)
{
	uint8_t bytes[5];
	return put_bytes(end, BER_INTEGER, bytes, ber_put_u32(bytes, v));
}

static uint8_t *put_pdu(uint8_t *stop, const struct forged_class *b, uint32_t id, unsigned number)
{
	static const uint8_t name[] = {0x2b, 6, 1, 2, 1, 1, 5, 0};
	uint8_t cause[] = {0x2b, 6, 1, 6, 3, 15, 1, 1, (uint8_t)(1 + number % CAUSES), 0};
	uint8_t *at;
	if (b->is_v3 && b->tag == TAG_REPORT) {
		at = put_bytes(stop, BER_COUNTER32, "\x01", 1);
		at = put_bytes(at, BER_OID, cause, sizeof cause);
	} else {
		at = put_bytes(stop, BER_OCTETS, "FFFF", 4);
		at = put_bytes(at, BER_OID, name, sizeof name);
	}
	at = pdu_header(at, stop, BER_SEQUENCE);
	at = pdu_header(at, stop, BER_SEQUENCE);
	at = put_number(put_number(at, 0), 0);
	at = put_number(at, id);
	return pdu_header(at, stop, b->tag);
}

/* Unauthenticated: the attacker has no key. */
static uint8_t *put_v3(
	uint8_t *at, const uint8_t *stop, const struct engine *e, uint32_t id, uint32_t boots)
{
	at = put_bytes(at, BER_OCTETS, "", 0);
	at = put_bytes(at, BER_OCTETS, e->id, e->len);
	at = pdu_header(at, stop, BER_SEQUENCE);
	uint8_t *security = at;
	for (int i = 0; i < 3; i++)
		at = put_bytes(at, BER_OCTETS, "", 0);
	at = put_number(put_number(at, 1000), boots);
	at = put_bytes(at, BER_OCTETS, e->id, e->len);
	at = pdu_header(at, security, BER_SEQUENCE);
	at = pdu_header(at, security, BER_OCTETS);
	uint8_t *global = at;
	at = put_number(at, 3);
	at = put_bytes(at, BER_OCTETS, "", 1);
	at = put_number(put_number(at, 65507), id);
	at = pdu_header(at, global, BER_SEQUENCE);
	return put_number(at, SNMP_V3);
}

static int read_peer(const json_t *command, struct sockaddr_in *ret)
{
	const char *text = json_string_value(json_object_get(command, "to"));
	const char *colon = text == NULL ? NULL : strrchr(text, ':');
	char address[INET_ADDRSTRLEN];
	uint64_t port;
	if (colon == NULL || (size_t)(colon - text) >= sizeof address ||
		str_to_u64(colon + 1, 1, 65535, &port) < 0)
		return ERR_FORMAT;
	memcpy(address, text, (size_t)(colon - text));
	address[colon - text] = '\0';
	*ret = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	return inet_pton(AF_INET, address, &ret->sin_addr) == 1 ? 0 : ERR_FORMAT;
}

json_t *command_forge(struct responder *a, struct net *n, size_t number, const json_t *command)
{
	const char *name = json_string_value(json_object_get(command, "class"));
	const json_t *count = json_object_get(command, "count");
	const struct forged_class *b = NULL;
	struct sockaddr_in peer;
	for (size_t i = 0; name != NULL && i < sizeof forged_classes / sizeof forged_classes[0];
		i++)
		if (strcmp(forged_classes[i].name, name) == 0)
			b = &forged_classes[i];
	if (b == NULL)
		return command_error("class: source port id report trap get set v3 v3-report");
	if (read_peer(command, &peer) < 0)
		return command_error("to: ADDRESS:PORT expected");
	if (!json_is_integer(count) || json_integer_value(count) < 1 ||
		json_integer_value(count) > FORGE_MAX)
		return command_error("count: 1 to %d expected", FORGE_MAX);
	const struct printer *p = &a->fleet->printers[number];
	for (unsigned i = 0; i < (unsigned)json_integer_value(count); i++) {
		uint8_t room[FORGE_ROOM], *stop = room + sizeof room;
		a->random = fleet_hash(a->random, i);
		uint32_t id = (uint32_t)a->random & INT32_MAX;
		uint8_t *at = put_pdu(stop, b, id, i);
		if (b->is_v3) {
			at = put_v3(at, stop, &p->engine, id, 1 + i % 50);
		} else {
			at = put_bytes(at, BER_OCTETS, a->community, a->community_len);
			at = put_number(at, SNMP_V2C);
		}
		at = pdu_header(at, stop, BER_SEQUENCE);
		net_forge(n, addresses_get(&a->fleet->addresses, number), &peer, at,
			(size_t)(stop - at), b->way);
	}
	return json_pack("{s:b}", "ok", 1);
}
