/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kit/device_rows.h"

#include <arpa/inet.h>

struct device_store *store;
int store_opened;
char store_why[LIMIT_WHY];

static unsigned fill(struct device_store_put *put, struct device_row *row)
{
	struct item *item = container_of(put, struct item, put);
	item->fills++;
	*row = item->row;
	return item->parts;
}

void open_device_store(struct fixture *f)
{
	store_why[0] = '\0';
	store_opened = device_store_open(
		&store, f->loop, f->workers, f->dir, false, store_why, sizeof store_why);
}

void close_device_store(struct fixture *f)
{
	f->has_result = false;
	device_store_close(store, fixture_on_closed, f);
	(void)fixture_await(f);
	store = NULL;
}

struct item make_item(unsigned n)
{
	struct item item = {.parts = DEVICE_ROW_ALL, .put.fill = fill};
	struct device_row *r = &item.row;
	r->address.in4 = (struct sockaddr_in){.sin_family = AF_INET,
		.sin_port = htons(161),
		.sin_addr.s_addr = htonl(0x7f010000 + n)};
	(void)snprintf(r->credential, sizeof r->credential, "site %u", n);
	(void)snprintf(r->key, sizeof r->key, "serial:xerox/%u", n);
	(void)snprintf(r->vendor, sizeof r->vendor, "Xerox");
	(void)snprintf(r->model, sizeof r->model, "Model %u", n % 7);
	(void)snprintf(r->serial, sizeof r->serial, "%u", n);
	(void)snprintf(r->mac, sizeof r->mac, "02:00:00:00:%02x:%02x", n >> 8 & 255, n & 255);
	r->last_seen_wall_ms = 1000 + n;
	r->version = SNMP_V2C;
	r->is_printer = true;
	r->profile.limits = (struct mib_limits){.max_varbinds = 20,
		.varbinds_limit = (uint8_t)(n % 9),
		.has_no_bulk = n % 2 == 0,
		.was_polled = true,
		.is_safe_mode = n % 3 == 0,
		.proven_oids = 11,
		.request_bytes = 400};
	r->profile.limits.rows[3] = 9;
	r->profile.rtt.srtt_ms = 77;
	r->profile.rtt.rttvar_ms = 5;
	r->profile.protection.failures = 2;
	r->profile.protection.open_until_ms = UINT64_C(1) << 50; /* at most LIMIT_SILENT_MAX_MS */
	r->profile.protection.quarantined_count = 1;
	r->profile.protection.quarantined[0] =
		(struct quarantined_request){.digest = n, .until_ms = 99};
	r->profile.today.day = 20000;
	r->profile.today.packets_out = 70000 + n;
	r->profile.today.bytes_in = UINT64_C(5) << 32;
	r->profile.engine =
		(struct usm_engine){.id = {1, 2, 3, 4, 5}, .id_len = 5, .boots = n, .time = 100};
	return item;
}

static void settle_clock(struct device_row *d)
{
	d->profile.engine.at_ms = 0;
	d->profile.engine.time = 0;
}

int check_device_row(void *owner, const struct device_row *row)
{
	struct device_rows *h = owner;
	struct device_row got = *row;
	struct item want = make_item(ntohl(row->address.in4.sin_addr.s_addr) - 0x7f010000);
	if (h->rows++ == 0)
		h->first = got;
	settle_clock(&got);
	settle_clock(&want.row);
	bool has_identity = got.serial[0] != '\0', has_learned = got.profile.rtt.srtt_ms != 0,
	     has_engine = got.profile.engine.id_len != 0;
	h->broken += !has_identity || !has_learned || !has_engine;
	h->wrong += has_identity && (strcmp(got.serial, want.row.serial) != 0 ||
					    strcmp(got.mac, want.row.mac) != 0 ||
					    strcmp(got.credential, want.row.credential) != 0);
	h->wrong += has_learned &&
		    (memcmp(&got.profile.limits, &want.row.profile.limits,
			     sizeof got.profile.limits) != 0 ||
			    got.profile.protection.quarantined[0].digest !=
				    want.row.profile.protection.quarantined[0].digest ||
			    got.profile.today.packets_out != want.row.profile.today.packets_out ||
			    got.profile.today.bytes_in != want.row.profile.today.bytes_in ||
			    got.profile.protection.open_until_ms == 0);
	h->wrong += has_engine && memcmp(&got.profile.engine, &want.row.profile.engine,
					  sizeof got.profile.engine) != 0;
	return 0;
}

struct device_rows read_device_rows(void)
{
	struct device_rows h = {0};
	assert_int_equal(device_store_each(store, check_device_row, &h), 0);
	return h;
}
