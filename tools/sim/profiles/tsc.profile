# A label printer in the shape of TSC's: the system group only.
profile tsc
serial "TE######"
host "PS-{mac}"
oui 001b82

rate print_mono 12.00

let total = print_mono
let sheets = total

supply tray1 sheets capacity 500 yield 500 low 10
event jam every 57
event door every 37

1.3.6.1.2.1.1.1.0 string "TSC TE210"
1.3.6.1.2.1.1.2.0 oid 1.3.6.1.4.1.43564.1.1
1.3.6.1.2.1.1.3.0 ticks uptime
1.3.6.1.2.1.1.4.0 string "Planted Contact, planted.contact@example.invalid"
1.3.6.1.2.1.1.5.0 string "PS-{mac}"
1.3.6.1.2.1.1.6.0 string "Planted location {n}"
1.3.6.1.2.1.1.7.0 integer 72
1.3.6.1.2.1.2.1.0 integer 1
table 1.3.6.1.2.1.2.2.1 1 integer, 2 string, 3 integer, 4 integer, 5 gauge, 6 string, 7 integer, 8 integer
1 | 1 | "eth0" | 6 | 1500 | 100000000 | "{macbytes}" | 1 | 1
end

# ---- never: a collector must not request these ----
never 1.3.6.1.2.1.1.4
never 1.3.6.1.2.1.1.6

# ---- truth ----
truth identity is_printer, vendor, model, serial
1 | "TSC" | "TE210" | ""
end
truth meters name, unit, value, oid
end
