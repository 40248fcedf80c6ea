using System.Globalization;
using Microsoft.AspNetCore.Http;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>Writes the available credits and the client's new version token into response headers.</summary>
internal static class CreditHeaders
{
    public static void Write(HttpResponse response, UserSession session, CreditBalance? balance)
    {
        if (balance is null)
        {
            return;
        }

        Write(
            response,
            balance.Available.ToString(CultureInfo.InvariantCulture),
            CreditVersionToken.Create(session, balance)?.ToString());
    }

    /// <summary>Writes the texts of the headers. A header without a text is not written.</summary>
    public static void Write(HttpResponse response, string? available, string? version)
    {
        if (available is not null)
        {
            response.Headers[HeaderNames.CreditsAvailable] = available;
        }

        if (version is not null)
        {
            response.Headers[HeaderNames.CreditsVersion] = version;
        }
    }
}
