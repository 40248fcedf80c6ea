using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.OutputCaching;

namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>Keeps responses that belong to one user, or that end at a certain time, out of the host's output cache.</summary>
internal static class OutputCaching
{
    /// <summary>Overrides every caching policy of the host for this endpoint, also one that is added later.</summary>
    public static TBuilder WithoutOutputCache<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Finally(static endpoint => endpoint.Metadata.Add(new OutputCacheAttribute { NoStore = true }));
        return builder;
    }
}
