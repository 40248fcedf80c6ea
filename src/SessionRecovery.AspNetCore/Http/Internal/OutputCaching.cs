using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.OutputCaching;

namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>Keeps responses that belong to one user, or that end at a certain time, out of the host's output cache.</summary>
internal static class OutputCaching
{
    /// <summary>Overrides all caching policies of the host for this endpoint, including those that are added later.</summary>
    public static TBuilder WithoutOutputCache<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Finally(static endpoint => endpoint.Metadata.Add(new OutputCacheAttribute { NoStore = true }));
        return builder;
    }
}
