{{ staged('inspections') }}
