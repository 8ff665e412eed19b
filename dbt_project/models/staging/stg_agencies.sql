{{ staged('agencies') }}
