# A label printer in the shape of Zebra's: no Printer-MIB, a few objects of its own.
profile zebra
serial "D8J######"
host "ZBR{mac}"
oui 00074d

rate print_mono 12.00

let total = print_mono
let sheets = total
let length = total + total + total + total + total + total + total

supply tray1 sheets capacity 500 yield 500 low 10
event jam every 57
event door every 37

1.3.6.1.2.1.1.1.0 string "Zebra Technologies ZTC ZT411-203dpi ZPL Print Server"
1.3.6.1.2.1.1.2.0 oid 1.3.6.1.4.1.10642.1.1
1.3.6.1.2.1.1.3.0 ticks uptime
1.3.6.1.2.1.1.4.0 string "Planted Contact, planted.contact@example.invalid"
1.3.6.1.2.1.1.5.0 string "ZBR{mac}"
1.3.6.1.2.1.1.6.0 string "Planted location {n}"
1.3.6.1.2.1.1.7.0 integer 72
1.3.6.1.2.1.2.1.0 integer 1
table 1.3.6.1.2.1.2.2.1 1 integer, 2 string, 3 integer, 4 integer, 5 gauge, 6 string, 7 integer, 8 integer
1 | 1 | "eth0" | 6 | 1500 | 100000000 | "{macbytes}" | 1 | 1
end

root Z 1.3.6.1.4.1.10642
$Z.1.1.0 string "ZT411-203dpi"
$Z.1.2.0 string "V92.21.22Z"
$Z.1.3.0 string "MANUFACTURER:Zebra Technologies;COMMAND SET:ZPL;MODEL:ZTC ZT411-203dpi ZPL;CLASS:PRINTER;"
$Z.1.4.0 string "Planted Printer Name"
$Z.1.5.0 string "Planted Warehouse"
$Z.1.9.0 string "{serial}"
$Z.1.11.0 string "Zebra Technologies"
$Z.1.18.0 string "6.6"
# Odometers: labels, and centimeters.
$Z.3.1.3.0 counter =length
$Z.3.1.4.0 counter =length
$Z.3.1.7.0 counter =total
$Z.3.1.8.0 counter =length
$Z.3.1.9.0 counter =door.count
$Z.3.1.11.0 counter =total

# ---- never: a collector must not request these ----
never 1.3.6.1.2.1.1.4
never 1.3.6.1.2.1.1.6
never 1.3.6.1.4.1.10642.1.4
never 1.3.6.1.4.1.10642.1.5

# ---- truth ----
truth identity is_printer, vendor, model, serial
1 | "Zebra" | "ZT411-203dpi" | "{serial}"
end
truth firmware name, version
"main" | "V92.21.22Z"
"Link-OS" | "6.6"
end
truth meters name, unit, value, oid
"vendor:Labels" | labels | =total | "1.3.6.1.4.1.10642.3.1.7.0"
"vendor:Length" | centimeters | =length | "1.3.6.1.4.1.10642.3.1.8.0"
"vendor:Length since the head was replaced" | centimeters | =length | "1.3.6.1.4.1.10642.3.1.4.0"
"vendor:Length since the head was cleaned" | centimeters | =length | "1.3.6.1.4.1.10642.3.1.3.0"
"vendor:Labels passed" | labels | =total | "1.3.6.1.4.1.10642.3.1.11.0"
"vendor:Latch openings" | - | =door.count | "1.3.6.1.4.1.10642.3.1.9.0"
end
