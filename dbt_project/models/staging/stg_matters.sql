{{ staged('matters') }}
