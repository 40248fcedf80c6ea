using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Logging;

namespace SessionRecovery.Supabase.AspNetCore.Authentication.Internal;

/// <summary>
/// Logs under the category of the framework's own bearer handler, so that the level of <c>Microsoft.AspNetCore</c> applies to it as in any
/// other host.
/// </summary>
internal sealed class JwtBearerLoggers(ILoggerFactory inner) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => inner.CreateLogger<JwtBearerHandler>();

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public void Dispose()
    {
        // The host disposes the inner factory.
    }
}
